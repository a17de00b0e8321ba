import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rng } from '../src/data/hash.ts';
import { pngOf } from '../src/data/images/images.ts';
import { parseExperiment } from '../src/experiment/parse/parse.ts';
import { resolveConfig } from '../src/experiment/resolve.ts';
import { readEvents } from '../src/store/events.ts';
import { createRun } from '../src/store/run-folder.ts';
import { trainRun } from '../src/trainer/run.ts';

/*
 * How much faster epochs are on the kept features of frozen encoders (ResNet-50 and BERT-base at 224 pixels) than an epoch that computes them:
 * what extraction took for all pairs, over the mean of the later epochs. The bar is 50 with late fusion.
 *   npm run bench -- frozen [--pairs 512] [--epochs 4] [--fusion late] [--json]
 */

const { values: options } = parseArgs({
  options: {
    pairs: { type: 'string', default: '512' },
    epochs: { type: 'string', default: '4' },
    fusion: { type: 'string', default: 'late' },
    json: { type: 'boolean', default: false },
  },
});
const pairs = Number(options.pairs);
const batchSize = 64;
const words =
  'a the red green blue small large dog cat tree house car on under beside near old new sky sea'.split(' ');

const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-frozen-'));
try {
  mkdirSync(join(folder, 'images'));
  const rows = ['image,caption'];
  for (let i = 0; i < pairs; i++) {
    const random = rng('bench', i);
    const pixels = Uint8Array.from(
      { length: 256 * 256 * 3 },
      (_, at) => (at * (1 + (i % 7)) + random.int(32)) & 255,
    );
    writeFileSync(join(folder, 'images', `${i}.png`), await pngOf(pixels, 256));
    rows.push(
      `images/${i}.png,${Array.from({ length: 6 + random.int(8) }, () => words[random.int(words.length)]).join(' ')}`,
    );
  }
  writeFileSync(join(folder, 'pairs.csv'), `${rows.join('\n')}\n`);
  const text = `data: { pairs: pairs.csv, val_fraction: 0, augment: { crop: null, flip: 0 } }
model:
  image_encoder: { name: resnet50, train: frozen }
  text_encoder: { name: bert-base-uncased, train: frozen }
  fusion: { kind: ${options.fusion} }
train: { batch_size: ${batchSize}, epochs: ${options.epochs}, engine: onnx }
checkpoint: { every: ${options.epochs} epochs }
`;
  const { experiment } = parseExperiment(text);
  const config = resolveConfig(experiment!, {
    trainPairs: pairs,
    baseDir: folder,
    cacheDir: join(folder, 'cache'),
  });
  const dir = await createRun(join(folder, '.tandem/runs'), {
    experiment: 'frozen',
    source: text,
    config,
    experimentPath: join(folder, 'frozen.tandem.yaml'),
  });
  const log = console.log;
  console.log = () => {};
  await trainRun(dir, new EventEmitter());
  console.log = log;

  const events = await readEvents(dir);
  const preparing = events.filter((event) => event.kind === 'preparing');
  const took = (what: string): number => {
    const times = preparing.filter((event) => event.what === what).map((event) => event.time);
    return (times.at(-1)! - times[0]!) / 1000;
  };
  const steps = events.filter((event) => event.kind === 'step').map((event) => event.time);
  const perEpoch = config.train.steps_per_epoch;
  // From the end of the first epoch, whose steps compile what later ones use again.
  const epoch = (steps.at(-1)! - steps[perEpoch - 1]!) / 1000 / (Number(options.epochs) - 1);
  const round = (value: number): number => Number(value.toPrecision(3));
  const images = took('image_features');
  const captions = took('text_features');
  const result = {
    node: process.version,
    pairs,
    fusion: options.fusion,
    images_s: round(images),
    captions_s: round(captions),
    epoch_s: round(epoch),
    times_faster: round((images + captions) / epoch),
  };
  if (!options.json) console.table([result]);
  console.log(JSON.stringify(result));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
