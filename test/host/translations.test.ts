import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const texts = (path: string): Record<string, string> => JSON.parse(read(path)) as Record<string, string>;
const placeholders = (text: string): string[] => [...new Set(text.match(/\{\d+\}|\$\([\w-]+\)/g))].sort();

/** Folders whose texts go through `t`. */
const translated = ['src/text', 'src/analysis', 'src/store', 'src/extension'];

/** Every text that is given to `t`, or to `plural` for one and for many. */
function said(): string[] {
  const sources = translated
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.tsx?$/.test(file))
        .map((file) => read(join(folder, file))),
    )
    .join('\n');
  const text = String.raw`'((?:[^'\\]|\\.)*)'`;
  const single = [...sources.matchAll(new RegExp(String.raw`\bt\(\s*${text}`, 'g'))];
  const plurals = [...sources.matchAll(new RegExp(String.raw`\bplural\([^']*?${text},\s*${text}`, 'g'))];
  return [...new Set([...single, ...plurals].flatMap(([, ...found]) => found))];
}

describe('Simplified Chinese', () => {
  const chinese = texts('l10n/bundle.l10n.zh-cn.json');

  it('has every text that goes through t and no other, in order', () => {
    expect(Object.keys(chinese)).toEqual(said().sort());
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
