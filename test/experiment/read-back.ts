import { expect } from 'vitest';
import { readYaml } from '../../src/experiment/document/document.ts';
import { plainValue, type TreeNode } from '../../src/experiment/document/tree.ts';

/** Values by dotted key of a text that must be free of YAML errors. */
export function valuesOf(text: string): Record<string, unknown> {
  const document = readYaml(text);
  expect(
    document.errors.map((one) => one.message),
    text,
  ).toEqual([]);
  expect(document.treeProblems, text).toEqual([]);
  const values: Record<string, unknown> = {};
  const visit = (node: TreeNode, path: string): void => {
    if (node.kind === 'map' && path !== 'sweep')
      for (const entry of node.entries) visit(entry.value, path ? `${path}.${entry.name}` : entry.name);
    else if (node.kind === 'map')
      for (const entry of node.entries) values[`sweep.${entry.name}`] = plainValue(entry.value);
    else if (node.kind !== 'scalar' || node.source !== '' || node.style !== 'plain')
      values[path] = plainValue(node);
  };
  if (document.tree) visit(document.tree, '');
  return values;
}

/** The comments of a made-up file. */
export const commentsOf = (text: string): string[] =>
  text.match(/# (?:note \d+: .*?|head|tail)(?=\r|\n|$)/g)?.sort() ?? [];
