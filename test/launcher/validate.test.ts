import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ProblemEntry } from '../../src/launcher/problem-entry.ts';
import { eachOf, tandem } from './command-line.ts';
import { buildPrograms, root } from './programs.ts';

const cases = join(root, 'test/cases');
const expected = JSON.parse(readFileSync(join(cases, 'expected.json'), 'utf8')) as {
  experiments: Record<string, { problems: ExpectedProblem[] }>;
  pairs: Record<
    string,
    { rows: number; usable?: number; images?: number; captions?: number; bad_lines?: number[] }
  >;
};

interface ExpectedProblem {
  severity: 'error' | 'warning' | 'either';
  key: string | null;
  line?: number;
  column?: number;
  endLine?: number;
  endColumn?: number;
}

interface Document {
  problems: ProblemEntry[];
  data?: {
    rows: number;
    usable: number;
    pictures: number;
    captions: number;
    bad: { file: string; line: number | null; reason: string }[];
  };
}

beforeAll(buildPrograms, 120_000);

describe('experiment files with one fault each', () => {
  const documents = new Map<string, { code: number | null; document: Document; stderr: string }>();
  const names = readdirSync(join(cases, 'experiments')).filter((name) => name.endsWith('.yaml'));

  beforeAll(async () => {
    await eachOf(names, 2, async (name) => {
      const { code, stdout, stderr } = await tandem(['validate', `experiments/${name}`, '--json'], cases);
      documents.set(name, { code, document: JSON.parse(stdout) as Document, stderr });
    });
  }, 120_000);

  test('all forty are there', () => expect(names).toHaveLength(40));

  test.for(names)('%s', (name) => {
    const { code, document, stderr } = documents.get(name)!;
    expect(stderr).toBe('');
    const errors = document.problems.filter(({ severity }) => severity === 'error');
    expect(code).toBe(errors.length > 0 ? 1 : 0);
    const wanted = expected.experiments[name]!.problems;
    for (const one of wanted) {
      if (one.severity === 'either') continue;
      const fitting = document.problems.filter(({ severity }) => severity === one.severity);
      expect(fitting.length, JSON.stringify(document.problems)).toBeGreaterThan(0);
      if (one.line === undefined) continue;
      const places = fitting.map(({ line, column, endLine, endColumn }) => ({
        line,
        column,
        endLine,
        endColumn,
      }));
      const { line, column, endLine, endColumn } = one;
      if (loose.has(name)) expect(places.map((place) => place.line)).toContain(line);
      else if (endLine === undefined)
        expect(places).toContainEqual(expect.objectContaining({ line, column }));
      else expect(places).toContainEqual({ line, column, endLine, endColumn });
    }
    const errorsWanted = wanted.filter(({ severity }) => severity === 'error').length;
    if (!mayHaveMore.has(name)) expect(errors, JSON.stringify(errors)).toHaveLength(errorsWanted);
  });

  /** The answer allows the mark on the line or at the start of the next. */
  const loose = new Set(['09-bracket-not-closed.tandem.yaml', '36-a-list.tandem.yaml']);
  /** The answer allows further errors, or either of two ways. */
  const mayHaveMore = new Set([
    '07-merge-key.tandem.yaml',
    '32-emoji-before-the-fault.tandem.yaml',
    '29-anchors-that-explode.tandem.yaml',
    '39-val-twice.tandem.yaml',
  ]);
});

describe('pairs files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-pairs-'));
  const columns: Record<string, string> = {
    'bars.csv': ', image_column: image_name, caption_column: comment',
    'tokens.txt': ', format: flickr',
  };

  test.for(Object.entries(expected.pairs))('%s', async ([name, right]) => {
    const file = join(folder, `${name}.tandem.yaml`);
    writeFileSync(
      file,
      `data: { pairs: ${JSON.stringify(join(cases, 'pairs', name))}${columns[name] ?? ''}, max_bad_fraction: 1, cache_dir: null }\ntrain: { batch_size: 2 }\n`,
    );
    const { stdout, stderr } = await tandem(['validate', file, '--json'], folder);
    expect(stderr).toBe('');
    const { data } = JSON.parse(stdout) as Document;
    expect(data).toBeDefined();
    expect(data!.rows).toBe(right.rows);
    if (right.usable !== undefined) expect(data!.usable).toBe(right.usable);
    if (right.images !== undefined) expect(data!.pictures).toBe(right.images);
    if (right.captions !== undefined) expect(data!.captions).toBe(right.captions);
    if (right.bad_lines) expect(data!.bad.map(({ line }) => line)).toEqual(right.bad_lines);
  });
});

test('for a person, problems are printed with their places', async () => {
  const { code, stdout } = await tandem(['validate', 'experiments/14-misspelled.tandem.yaml'], cases);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^experiments\/14-misspelled\.tandem\.yaml:3:25: error: .*temperature/m);
  expect(stdout).toMatch(/1 error/);
});

test('a file that is not there is said in two sentences', async () => {
  const { code, stdout, stderr } = await tandem(['validate', 'nothing.tandem.yaml'], cases);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^There is no file .*nothing\.tandem\.yaml\. Give the path of an experiment file/);
});

describe('what is no experiment file', () => {
  const folder = mkdtempSync(join(tmpdir(), "tandem a'b ünï 文 "));
  const good = `data: { pairs: ${JSON.stringify(join(cases, 'pairs/good.csv'))} }\ntrain: { batch_size: 2 }\n`;
  mkdirSync(join(folder, 'folder'));
  symlinkSync('loop', join(folder, 'loop'));
  writeFileSync(join(folder, 'binary'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1, 2]));
  writeFileSync(join(folder, 'large'), 'x'.repeat(21e6));
  writeFileSync(join(folder, 'utf-16le'), Buffer.from(`\ufeff${good}`, 'utf16le'));
  writeFileSync(join(folder, 'utf-16be'), Buffer.from(`\ufeff${good}`, 'utf16le').swap16());
  writeFileSync(join(folder, 'a b.tandem.yaml'), good);

  test.for([
    ['folder', / is a folder\./],
    ['loop', / cannot be read: it is a link that leads to itself\./],
    ['binary', / is not a text file\./],
    ['large', / is larger than 20 MB\./],
    ['binary/x', /^There is no file /],
    [`${'n'.repeat(300)}`, / cannot be read: the name is too long\./],
  ] as const)('%s', async ([name, said]) => {
    const { code, stdout, stderr } = await tandem(['validate', name, '--json'], folder);
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as { error: object }).error).toMatchObject({
      code: 'no_such_file',
      message: expect.stringMatching(said) as string,
    });
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test.for(['utf-16le', 'utf-16be', 'a b.tandem.yaml'])('but %s is one', async (name) => {
    const { code, stdout } = await tandem(['validate', name, '--json'], folder);
    expect([code, (JSON.parse(stdout) as Document).data?.usable]).toEqual([0, 12]);
  });
});
