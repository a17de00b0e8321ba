import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { experimentFields } from '../../src/experiment/editor/fields.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { useTexts } from '../../src/text/say.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const texts = (path: string): Record<string, string> => JSON.parse(read(path)) as Record<string, string>;
const placeholders = (text: string): string[] => [...new Set(text.match(/\{\d+\}|\$\([\w-]+\)/g))].sort();

/** Folders whose texts go through `t` and `said`; of the command line what its commands say beside problems and failures is English. */
const translated = [
  ...['src/text', 'src/experiment', 'src/protocol', 'src/analysis', 'src/store', 'src/weights', 'src/data'],
  ...['src/trainer', 'src/inference', 'src/launcher', 'src/extension', 'webview-ui'],
];

function sourcesOf(folders: string[]): ts.SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => {
        const path = join(folder, file);
        return ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);
      }),
  );
}

function eachNode(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => eachNode(child, visit));
}

/** The texts that are looked up: the first argument of `t` and `said`, those for one and for many of `plural` and `saidPlural`. */
function textsOf(node: ts.Node): string[] {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return [];
  if (['t', 'said'].includes(node.expression.text)) return literalsOf(node.arguments[0]);
  return ['plural', 'saidPlural'].includes(node.expression.text)
    ? node.arguments.slice(1, 3).flatMap(literalsOf)
    : [];
}

function literalsOf(node: ts.Expression | undefined): string[] {
  if (!node) return [];
  if (ts.isStringLiteralLike(node)) return [node.text];
  return ts.isConditionalExpression(node) ? [node.whenTrue, node.whenFalse].flatMap(literalsOf) : [];
}

/** Every text that is looked up. */
function said(): string[] {
  const found = new Set<string>();
  for (const source of sourcesOf(translated))
    eachNode(source, (node) => {
      for (const text of textsOf(node)) found.add(text);
      if (source.fileName.startsWith(schemaFolder)) for (const text of saidOfSetting(node)) found.add(text);
    });
  return [...found].sort();
}

const schemaFolder = join('src', 'experiment', 'schema');

/** What is said of a setting, looked up where it is shown. */
function saidOfSetting(node: ts.Node): string[] {
  if (!ts.isPropertyAssignment(node) || !ts.isStringLiteralLike(node.initializer)) return [];
  const { text } = node.initializer;
  const name = node.name.getText();
  if (name === 'defaultText') return text.includes(' ') ? [text] : [];
  return ['label', 'unit', 'description', 'source'].includes(name) && text ? [text] : [];
}

/** Attributes that a person reads or hears. */
const readAttributes = ['label', 'title', 'placeholder', 'aria-label', 'alt'];

/** Words in the panel's markup that no language table is asked for. */
function unsaid(): string[] {
  const found: string[] = [];
  const isWords = (text: string): boolean => /\p{L}{2}/u.test(text);
  for (const source of sourcesOf(['webview-ui']).filter(({ fileName }) => fileName.endsWith('.tsx'))) {
    const report = (text: string): void => {
      if (isWords(text)) found.push(`${source.fileName}: ${text.trim()}`);
    };
    const literals = (node: ts.Node): void => {
      if (ts.isCallExpression(node)) return;
      if (ts.isStringLiteralLike(node)) report(node.text);
      if (ts.isTemplateExpression(node))
        report(
          [node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text }) => text).join(' '),
        );
      // What is compared is not shown.
      if (ts.isBinaryExpression(node) && node.operatorToken.getText().endsWith('==')) return;
      node.forEachChild(literals);
    };
    eachNode(source, (node) => {
      if (ts.isJsxText(node)) report(node.text);
      const isRead = ts.isJsxAttribute(node) && readAttributes.includes(node.name.getText());
      if (isRead && node.initializer) literals(node.initializer);
      if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent) && node.expression) {
        const parts = ts.isConditionalExpression(node.expression)
          ? [node.expression.whenTrue, node.expression.whenFalse]
          : [node.expression];
        for (const part of parts)
          if (ts.isStringLiteralLike(part) || ts.isTemplateExpression(part)) literals(part);
      }
    });
  }
  return found;
}

describe('Simplified Chinese', () => {
  const chinese = texts('l10n/bundle.l10n.zh-cn.json');

  it('has every text that goes through t and no other, in order', () => {
    expect(Object.keys(chinese)).toEqual(said());
  });

  it('is asked for when a text is shown, not when a program is loaded: the language is not known then', () => {
    const early: string[] = [];
    for (const source of sourcesOf(translated)) {
      const visit = (node: ts.Node): void => {
        if (ts.isFunctionLike(node)) return;
        const isLookUp =
          ts.isCallExpression(node) &&
          ts.isIdentifier(node.expression) &&
          ['t', 'plural', 'textOf', 'branchName'].includes(node.expression.text);
        if (isLookUp) early.push(`${source.fileName}: ${node.getText()}`);
        node.forEachChild(visit);
      };
      visit(source);
    }
    expect(early).toEqual([]);
  });

  it('names sections, settings and units of the form', () => {
    useTexts(chinese, 'zh-cn');
    try {
      const fields = experimentFields(parseExperiment('data: { pairs: a.csv }\n'));
      const crop = fields.find(({ path }) => path === 'data.augment.crop');
      expect(crop).toMatchObject({ section: '数据 › 数据增强', label: '裁切', unit: '占面积' });
    } finally {
      useTexts({}, 'en');
    }
  });

  it('is asked for every word in the panel', () => {
    // A file format has no other name.
    expect(unsaid().filter((text) => !text.endsWith(': CSV'))).toEqual([]);
  });

  it('keeps placeholders and icons', () => {
    for (const [english, text] of Object.entries(chinese))
      expect(placeholders(text), english).toEqual(placeholders(english));
  });

  it('has every title and description of package.json', () => {
    const english = texts('package.nls.json');
    const named = [...read('package.json').matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key!);
    expect(Object.keys(english).sort()).toEqual([...new Set(named)].sort());
    expect(Object.keys(texts('package.nls.zh-cn.json')).sort()).toEqual(Object.keys(english).sort());
  });
});
