import type { YamlDocument } from '../document/document.ts';
import { explain } from './explain.ts';
import type { Problem } from '../document/problem.ts';
import type { Setting } from '../schema/settings.ts';
import { rangeOf } from '../document/source.ts';
import { swallowedBackslash } from '../syntax/windows-path.ts';
import { plainValue, type TreeNode } from '../document/tree.ts';

/** What a schema says against a value. */
export type Issues = Parameters<typeof explain>[2];

/** A node as the value of a setting. A plain number or date where text is wanted is its text (`name: 2024`). */
export function readValue(
  setting: Setting,
  node: TreeNode,
): { ok: true; value: unknown } | { ok: false; issues: Issues } {
  const isText = setting.wants === 'text' && node.kind === 'scalar' && node.style === 'plain';
  const value =
    isText && (typeof node.value === 'number' || typeof node.value === 'bigint')
      ? node.source
      : plainValue(node);
  const result = setting.schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  if (isText && typeof node.value === 'number' && Number.isInteger(node.value)) {
    // 1e3 where digits are wanted, as minutes of a time limit.
    const inDigits = setting.schema.safeParse(BigInt(node.value).toString());
    if (inDigits.success) return { ok: true, value: inDigits.data };
  }
  return { ok: false, issues: result.error.issues };
}

/** The problem of a value that does not fit its key. */
export function valueProblem(
  document: YamlDocument,
  setting: Setting,
  node: TreeNode,
  issues: Issues,
): Problem {
  const swallowed = setting.control === 'path' ? swallowedBackslash(document.source.text, node) : null;
  const { code, message, start, end, fixes = [] } = swallowed ?? explain(setting, node, issues);
  return {
    severity: 'error',
    code,
    message,
    path: setting.path,
    range: rangeOf(document.source, start, end),
    fixes,
  };
}
