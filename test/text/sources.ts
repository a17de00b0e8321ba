import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The folders whose texts go through `t` and `said`. */
export const translated = ['src', 'webview-ui'];

/** What is said of a setting is looked up where it is shown. */
export const schemaFolder = join('src', 'experiment', 'schema');

/** The source files of some folders as syntax trees, by their paths from the root. */
export function sourcesOf(folders: string[]): ts.SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
      .sort()
      .map((file) => parsed(join(folder, file))),
  );
}

const known = new Map<string, ts.SourceFile>();

function parsed(path: string): ts.SourceFile {
  const source =
    known.get(path) ??
    ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true);
  known.set(path, source);
  return source;
}

/** The texts that a call looks up: the first argument of `t` and `said`, those for one and for many of `plural` and `saidPlural`. */
export function lookedUp(node: ts.Node): ts.StringLiteralLike[] {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return [];
  if (['t', 'said'].includes(node.expression.text)) return literalsOf(node.arguments[0]);
  return ['plural', 'saidPlural'].includes(node.expression.text)
    ? node.arguments.slice(1, 3).flatMap(literalsOf)
    : [];
}

function literalsOf(node: ts.Expression | undefined): ts.StringLiteralLike[] {
  if (!node) return [];
  if (ts.isStringLiteralLike(node)) return [node];
  return ts.isConditionalExpression(node) ? [node.whenTrue, node.whenFalse].flatMap(literalsOf) : [];
}

/** What is said of a setting in the schema, if that is what a node is. */
export function saidOfSetting(node: ts.Node): ts.StringLiteralLike | null {
  if (!ts.isPropertyAssignment(node) || !ts.isStringLiteralLike(node.initializer)) return null;
  const { text } = node.initializer;
  const name = node.name.getText();
  const isSaid =
    name === 'defaultText'
      ? text.includes(' ')
      : ['label', 'unit', 'description', 'source'].includes(name) && text !== '';
  return isSaid ? node.initializer : null;
}
