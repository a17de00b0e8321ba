import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { experimentFields } from '../../src/experiment/editor/fields.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { useTexts } from '../../src/text/say.ts';
import { lookedUp, root, saidOfSetting, schemaFolder, sourcesOf, translated } from '../text/sources.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const texts = (path: string): Record<string, string> => JSON.parse(read(path)) as Record<string, string>;
const placeholders = (text: string): string[] => [...new Set(text.match(/\{\d+\}|\$\([\w-]+\)/g))].sort();

function eachNode(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => eachNode(child, visit));
}

/** Every text that is looked up. */
function said(): string[] {
  const found = new Set<string>();
  for (const source of sourcesOf(translated))
    eachNode(source, (node) => {
      for (const text of lookedUp(node)) found.add(text.text);
      const ofSetting = source.fileName.startsWith(schemaFolder) ? saidOfSetting(node) : null;
      if (ofSetting) found.add(ofSetting.text);
    });
  return [...found].sort();
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
    // The command line asks which language it is before anything else.
    const afterwards = join('src', 'launcher', 'cli', 'main.ts');
    for (const source of sourcesOf(translated).filter(({ fileName }) => fileName !== afterwards)) {
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

  it('has one word for one thing (decision 0020)', () => {
    const others =
      /说明文字|字幕|数据对|文字编码器|度量|纪元|批量|学习速率|热身|查全率|快照|训练器|恢复训练|地图|你/;
    const found = [...Object.entries(chinese), ...Object.entries(texts('package.nls.zh-cn.json'))].filter(
      ([english, text]) => others.test(text) || (text.includes('图片') && !/picture|plot/i.test(english)),
    );
    expect(found).toEqual([]);
  });

  it('has full-width signs, and a space between Chinese and Latin letters', () => {
    const halfWidth =
      /\p{Script=Han}[,;!?](?!\w)|\p{Script=Han}:$|\p{Script=Han}\.(?![\w.])|\p{Script=Han}\(|\p{Script=Han} ?\.\.\.|……/u;
    const joined = /\p{Script=Han}[A-Za-z]|[A-Za-z0-9]\p{Script=Han}/u;
    expect(Object.entries(chinese).filter(([, text]) => halfWidth.test(text) || joined.test(text))).toEqual(
      [],
    );
  });

  it('has every title and description of package.json', () => {
    const english = texts('package.nls.json');
    const named = [...read('package.json').matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key!);
    expect(Object.keys(english).sort()).toEqual([...new Set(named)].sort());
    expect(Object.keys(texts('package.nls.zh-cn.json')).sort()).toEqual(Object.keys(english).sort());
  });
});
