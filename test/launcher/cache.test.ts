import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunConfig } from '../../src/experiment/config.ts';
import type { CacheItem } from '../../src/launcher/caches.ts';
import { ownProcess } from '../../src/store/process-identity.ts';
import { createRun, updateRunFile } from '../../src/store/run-folder.ts';
import { tandem } from './command-line.ts';
import { buildPrograms } from './programs.ts';
import { projectFolder } from './runs.ts';

const hub = mkdtempSync(join(tmpdir(), 'tandem-hub-cache-'));
const day = 86_400_000;

beforeAll(buildPrograms, 120_000);
afterAll(() => rmSync(hub, { recursive: true }));

interface Listed {
  items: CacheItem[];
  bytes: number;
  removed: boolean;
}
const cache = async (project: string, ...args: string[]): Promise<Listed> =>
  JSON.parse((await tandem(['cache', ...args, '--json'], project, { HF_HUB_CACHE: hub })).stdout) as Listed;

/** Something of so many bytes that was last used so many days ago. */
function kept(file: string, bytes: number, days: number, text = Buffer.alloc(bytes)): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const then = (Date.now() - days * day) / 1000;
  utimesSync(file, then, then);
}

async function run(project: string, experiment: string, weights: string, imageSize: number): Promise<string> {
  const dir = await createRun(join(project, '.tandem/runs'), {
    experiment,
    source: 'name: x\n',
    config: {
      name: experiment,
      data: {
        pairs: join(project, 'pairs.csv'),
        val: null,
        image_root: null,
        cache_dir: join(project, '.tandem/cache'),
        image_size: imageSize,
      },
      model: {
        weights: null,
        image_encoder: { name: 'auto', weights },
        text_encoder: { name: 'bert-tiny', weights: null },
      },
      train: { steps: 20 },
    } as unknown as RunConfig,
    experimentPath: join(project, `${experiment}.tandem.yaml`),
  });
  await updateRunFile(dir, { status: 'finished' });
  return dir;
}

/** Two experiments: images of 32 and 64 pixels, features of one encoder, an index, and a model of the hub. */
async function project(): Promise<{
  folder: string;
  runs: [string, string];
  places: Record<string, string>;
}> {
  const folder = projectFolder();
  const runs: [string, string] = [
    await run(folder, 'small', 'hf:owner/tiny', 32),
    await run(folder, 'large', 'models/other', 64),
  ];
  const at = (...parts: string[]): string => join(folder, '.tandem/cache', ...parts);
  const places = {
    images: at('32px-0a1b2c3d'),
    features: at('features/image-0123456789abcdef-v1'),
    index: join(runs[0], 'search'),
    model: join(hub, 'models--owner--tiny'),
  };
  kept(join(places.images, 'a.pixels'), 3000, 40);
  const about = Buffer.from('{"encoder":"hf:owner/tiny"}');
  kept(join(places.features, '1/a.pixels'), 2000 - about.length, 10);
  kept(join(places.features, 'about.json'), 0, 10, about);
  kept(join(places.index, 'images-x.safetensors'), 1000, 1);
  kept(join(places.model, 'blobs/ab'), 4000, 50);
  // What a person put beside it is nobody's cache.
  kept(at('notes.txt'), 500, 90);
  return { folder, runs, places };
}

test('cache lists what is kept, whose it is and when it was last used', async () => {
  const { folder, runs, places } = await project();
  const { items, bytes, removed } = await cache(folder);
  expect(
    items.map(({ kind, of, dir, bytes: size, experiments }) => [kind, of, dir, size, experiments]),
  ).toEqual([
    ['model', 'hf:owner/tiny', places['model'], 4000, ['small']],
    ['images', '32 px', places['images'], 3000, ['small']],
    ['features', 'images, hf:owner/tiny', places['features'], 2000, ['small']],
    ['index', runs[0].split(/[\\/]/).at(-1), places['index'], 1000, ['small']],
  ]);
  expect(items.map(({ last_used: last }) => Math.round((Date.now() - last) / day))).toEqual([50, 40, 10, 1]);
  expect([bytes, removed]).toEqual([10_000, false]);
  const shown = await tandem(['cache'], folder, { HF_HUB_CACHE: hub });
  expect(shown.stdout).toMatch(
    /2 kB +features +images, hf:owner\/tiny +10 d ago +small +\.tandem\/cache\/features\/image-/,
  );
  expect(shown.stdout).toContain('10 kB together. tandem cache --clear removes them after asking');
});

test('cache --clear removes by rule, after asking, and nothing of others', async () => {
  const { folder, runs, places } = await project();
  const unasked = await tandem(['cache', '--clear'], folder, { HF_HUB_CACHE: hub });
  expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining('With --yes it is removed')]);
  expect(existsSync(places['images']!)).toBe(true);

  const old = await cache(folder, '--clear', '--older-than', '30d', '--yes');
  expect([old.items.map(({ kind }) => kind), old.bytes, old.removed]).toEqual([['images'], 3000, true]);
  expect(existsSync(places['images']!)).toBe(false);

  // A run that trains keeps what it reads.
  await updateRunFile(runs[0], { status: 'running', process: ownProcess(), heartbeat: Date.now() });
  expect((await cache(folder, '--clear', '--models', '--yes')).items).toEqual([]);
  await updateRunFile(runs[0], { status: 'finished' });

  const rest = await cache(folder, '--clear', '--yes');
  expect(rest.items.map(({ kind }) => kind)).toEqual(['features', 'index']);
  expect(existsSync(places['model']!)).toBe(true);
  expect((await cache(folder, '--clear', '--models', '--yes')).items.map(({ kind }) => kind)).toEqual([
    'model',
  ]);
  expect(existsSync(places['model']!)).toBe(false);
  expect(existsSync(join(folder, '.tandem/cache/notes.txt'))).toBe(true);
  expect((await tandem(['cache'], folder, { HF_HUB_CACHE: hub })).stdout).toBe(
    'Nothing is kept for the runs here.\n',
  );
  const wrong = await tandem(['cache', '--clear', '--older-than', 'soon'], folder);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('12h, 30d, 8w')]);
});
