import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readExperimentText } from '../../src/launcher/experiment-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-experiment-text-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'e.tandem.yaml');

const read = (content: string | Buffer): Promise<string> => {
  writeFileSync(file, content);
  return readExperimentText(file);
};

test('what lies in the place of an experiment is named', async () => {
  await expect(
    read('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 412\n'),
  ).rejects.toMatchObject({
    what: `${file} is a Git LFS pointer, not the file itself (412 bytes).`,
    todo: 'Run git lfs pull in its repository.',
  });
  await expect(read('<!DOCTYPE html><html></html>')).rejects.toThrow('is a web page (HTML)');
  await expect(read('data: \0')).rejects.toThrow('is not a text file');
});

test('texts are read, the empty one too', async () => {
  expect(await read('')).toBe('');
  expect(await read('data:\n  pairs: a.csv\n')).toBe('data:\n  pairs: a.csv\n');
});
