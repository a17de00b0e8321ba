import { link, mkdir, mkdtemp, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { rng } from '../../src/data/hash.ts';
import type { RunConfig } from '../../src/experiment/config.ts';
import { imageIndexName } from '../../src/inference/image-index.ts';
import { writeCheckpoint } from '../../src/store/checkpoints.ts';
import { createRun } from '../../src/store/run-folder.ts';
import type { Tensors } from '../../src/store/tensors.ts';
import { writeVectorIndex } from '../../src/store/vector-index.ts';
import { initialArrays } from '../../src/trainer/model/initial.ts';
import { buildModel } from '../../src/trainer/model/model.ts';

export interface Material {
  root: string;
  run: string;
  folder: string;
}

/** Different images among all: photographs' sizes, no two alike. */
const different = 64;

/** A run with a model of random weights, a folder of so many images, and its index, of random vectors. */
export async function makeMaterial(images: number, config: RunConfig): Promise<Material> {
  const root = await mkdtemp(join(tmpdir(), 'tandem-bench-search-'));
  const folder = join(root, 'images');
  const names = await makeImages(folder, images);
  const run = await createRun(join(root, '.tandem/runs'), {
    experiment: 'bench',
    source: 'name: bench\n',
    config: { ...config, data: { ...config.data, pairs: join(folder, 'pairs.csv'), image_root: folder } },
    experimentPath: join(root, 'bench.tandem.yaml'),
  });
  const model = buildModel(config.model, config.loss);
  const arrays = initialArrays(model.parameters, 1);
  const tensors: Tensors = Object.fromEntries(
    model.parameters.map(({ name, shape }) => [
      name,
      { dtype: 'F32' as const, shape: [...shape], data: arrays[name] as Float32Array<ArrayBuffer> },
    ]),
  );
  await writeCheckpoint(run, 1, { model: tensors, optimizer: {}, state: {} }, { best: true });
  await writeIndex(run, folder, names, config.model.fusion.dim);
  return { root, run, folder };
}

async function makeImages(folder: string, images: number): Promise<string[]> {
  const random = rng('images');
  const sources = join(folder, '..', 'sources');
  await mkdir(sources, { recursive: true });
  for (let at = 0; at < different; at++) {
    const pixels = Uint8Array.from({ length: 444 * 387 * 3 }, (_, i) => (i * (at + 1)) / 97 + random.int(64));
    const raw = { width: 444, height: 387, channels: 3 } as const;
    await writeFile(join(sources, `${at}.jpg`), await sharp(pixels, { raw }).jpeg().toBuffer());
  }
  const names: string[] = [];
  for (let at = 0; at < images; at++) {
    const part = String(Math.floor(at / 1000)).padStart(3, '0');
    if (at % 1000 === 0) await mkdir(join(folder, part), { recursive: true });
    const name = `${part}/${String(at % 1000).padStart(3, '0')}.jpg`;
    await link(join(sources, `${at % different}.jpg`), join(folder, name));
    names.push(name);
  }
  return names;
}

async function writeIndex(run: string, folder: string, names: readonly string[], dim: number): Promise<void> {
  const random = rng('vectors');
  const pooled = Float32Array.from({ length: names.length * dim }, () => random.normal() / Math.sqrt(dim));
  const files = [];
  for (const name of names) {
    const { size, mtimeMs } = await stat(join(folder, name));
    files.push({ name, size, mtimeMs });
  }
  await writeVectorIndex(run, imageIndexName(folder), 1, {
    tensors: { pooled: { dtype: 'F32', shape: [names.length, dim], data: pooled } },
    facts: { folder, files, unreadable: [] },
  });
}
