import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exportModel } from '../../src/launcher/model/export-model.ts';
import { ownProcess } from '../../src/store/process-identity.ts';
import type { ExportAsk, Exported } from '../../src/protocol/inference.ts';

let place: string;
beforeEach(async () => void (place = await mkdtemp(join(tmpdir(), 'tandem-export-'))));
afterEach(() => rm(place, { recursive: true }));

const there = async (): Promise<string[]> => (await readdir(place, { recursive: true })).sort();

async function write({ folder }: ExportAsk): Promise<Exported> {
  await mkdir(join(folder, 'text_encoder'));
  await writeFile(join(folder, 'README.md'), 'new');
  await writeFile(join(folder, 'text_encoder', 'config.json'), '{}');
  return { folder, files: [{ name: 'README.md', bytes: 3 }], notes: [] };
}

test('an export that ends in the middle leaves no folder', async () => {
  const ended = exportModel(
    async (ask) => {
      await write(ask);
      expect(await there()).not.toContain('mine');
      throw new Error('killed');
    },
    { format: 'onnx', folder: join(place, 'mine') },
  );
  await expect(ended).rejects.toThrow('killed');
  expect(await there()).toEqual([]);
});

test('what a killed export left goes with the next one to the same place; what another still writes stays', async () => {
  const left = async (name: string, pid: number): Promise<void> => {
    await mkdir(join(place, name, 'files'), { recursive: true });
    await writeFile(join(place, name, 'owner.json'), JSON.stringify({ ...ownProcess(), pid }));
  };
  const { pid: gone } = spawnSync(process.execPath, ['-e', '']);
  await left('mine.partial-killed', gone);
  await left('mine.partial-living', process.pid);
  await left('other.partial-killed', gone);
  await exportModel(write, { format: 'onnx', folder: join(place, 'mine') });
  expect((await readdir(place)).sort()).toEqual(['mine', 'mine.partial-living', 'other.partial-killed']);
});

test('a whole one is where it was asked for, and beside what was there', async () => {
  const folder = join(place, 'deep', 'mine');
  await mkdir(join(folder, 'text_encoder'), { recursive: true });
  for (const name of ['README.md', 'notes.txt', 'text_encoder/old.json'])
    await writeFile(join(folder, name), 'old');
  expect((await exportModel(write, { format: 'safetensors', folder })).folder).toBe(folder);
  expect(await there()).toEqual(
    [
      'deep',
      'deep/mine',
      'deep/mine/README.md',
      'deep/mine/notes.txt',
      'deep/mine/text_encoder',
      'deep/mine/text_encoder/config.json',
    ].map((path) => join(path)),
  );
  expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe('new');
});

test('a folder that cannot be made is told before anything is computed', async () => {
  await writeFile(join(place, 'file'), '');
  const asked = exportModel(() => expect.fail('asked'), { format: 'onnx', folder: join(place, 'file', 'x') });
  await expect(asked).rejects.toMatchObject({ code: 'not_a_folder' });
});
