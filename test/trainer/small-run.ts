import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunConfig } from '../../src/experiment/config.ts';
import type { SweepPlace } from '../../src/protocol/run.ts';
import { rng } from '../../src/data/hash.ts';
import { pngOf } from '../../src/data/images/images.ts';
import { createRun } from '../../src/store/run-folder.ts';
import { writeSafetensors } from '../../src/store/safetensors.ts';
import { bertParameters, bertShapes } from '../../src/trainer/model/bert.ts';
import { initialArrays } from '../../src/trainer/model/initial.ts';
import { fixedTemperature, modelConfig, optimizerConfig } from './tiny.ts';

/** A folder of blocky pictures and captions that name their colours, and configs that train on it. */
export interface SmallProject {
  folder: string;
  config(change?: (config: RunConfig) => void): RunConfig;
  createRun(config: RunConfig, sweep?: SweepPlace): Promise<string>;
  remove(): Promise<void>;
}

const colours = {
  red: [220, 40, 40],
  green: [40, 200, 60],
  blue: [50, 70, 220],
  white: [240, 240, 240],
} as const;

export async function smallProject(pictures = 60): Promise<SmallProject> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-train-'));
  await mkdir(join(folder, 'pictures'));
  const rows = ['image,caption'];
  const names = Object.keys(colours) as (keyof typeof colours)[];
  for (let i = 0; i < pictures; i++) {
    const random = rng('picture', i);
    const side = 40;
    const quarters = Array.from({ length: 4 }, () => names[random.int(4)]!);
    const pixels = new Uint8Array(side * side * 3);
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const colour = colours[quarters[(y < side / 2 ? 0 : 2) + (x < side / 2 ? 0 : 1)]!];
        for (let c = 0; c < 3; c++)
          pixels[(y * side + x) * 3 + c] = Math.max(0, Math.min(255, colour[c]! + random.int(30) - 15));
      }
    await writeFile(join(folder, 'pictures', `${i}.png`), await pngOf(pixels, side));
    const [a, b, c, d] = quarters;
    rows.push(`pictures/${i}.png,${a} and ${b} above ${c} and ${d}`);
  }
  await writeFile(join(folder, 'pairs.csv'), rows.join('\n') + '\n');
  await writeTextEncoder(join(folder, 'text-encoder'));
  const base: RunConfig = {
    name: 'small',
    seed: 3,
    data: {
      pairs: join(folder, 'pairs.csv'),
      format: null,
      val: null,
      val_fraction: 0.3,
      split_by: 'image',
      image_column: 'image',
      caption_column: 'caption',
      delimiter: null,
      image_root: folder,
      image_size: 16,
      max_length: 16,
      augment: { crop: [0.8, 1], flip: 0.5, swap_left_right: true, drop_word: 0 },
      features: { views: 1, dtype: 'fp16' },
      max_bad_fraction: 0.05,
      cache_dir: join(folder, 'cache'),
    },
    model: withWeights(modelConfig('late', 1, 32), join(folder, 'text-encoder')),
    loss: fixedTemperature,
    optimizer: optimizerConfig(),
    train: {
      batch_size: 8,
      micro_batch: null,
      epochs: null,
      steps: 6,
      steps_per_epoch: 4,
      engine: 'onnx',
      provider: 'cpu',
      threads: 1,
    },
    eval: { every: 3, recall_at: [1, 5, 10], rerank: 128 },
    checkpoint: { every: 3, keep: 2, keep_optimizer: true, best: 'val/recall@1' },
    notify: { webhook: null, url_env: 'TANDEM_WEBHOOK_URL', command: null },
    reasons: {},
  };
  return {
    folder,
    config(change) {
      const config = structuredClone(base);
      change?.(config);
      return config;
    },
    createRun: (config, sweep) =>
      createRun(join(folder, '.tandem', 'runs'), {
        experiment: config.name,
        source: 'name: small\n',
        config,
        ...(sweep && { sweep }),
        experimentPath: join(folder, 'small.tandem.yaml'),
      }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A bert-tiny for the words of these captions: with the whole vocabulary most of a test's time would go into its embeddings. */
async function writeTextEncoder(folder: string): Promise<void> {
  await mkdir(folder);
  const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'and', 'above', ...Object.keys(colours)];
  await writeFile(join(folder, 'vocab.txt'), vocabulary.join('\n') + '\n');
  const specs = bertParameters({ ...bertShapes['bert-tiny'], vocabulary: vocabulary.length }, '');
  const arrays = initialArrays(specs, 1);
  await writeSafetensors(
    join(folder, 'model.safetensors'),
    Object.fromEntries(
      specs.map(({ name, shape }) => [
        `bert.${name}`,
        { dtype: 'F32' as const, shape: [...shape], data: arrays[name] as Float32Array<ArrayBuffer> },
      ]),
    ),
  );
}

function withWeights(model: RunConfig['model'], weights: string): RunConfig['model'] {
  return { ...model, text_encoder: { ...model.text_encoder, weights } };
}
