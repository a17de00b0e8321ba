import { describe, expect, test } from 'vitest';
import { durationInSteps, isDuration, parseDuration } from '../../src/experiment/schema/duration.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { absolutePath } from '../../src/experiment/paths.ts';
import { resolveConfig } from '../../src/experiment/resolve.ts';
import { applyTrial, expandSweep } from '../../src/experiment/sweep.ts';

function read(text: string) {
  const parsed = parseExperiment(text);
  expect(parsed.problems.filter((one) => one.severity === 'error')).toEqual([]);
  return parsed.experiment!;
}

const resolve = (text: string, trainPairs = 1000, baseDir = '/home/ada/pics') =>
  resolveConfig(read(text), { trainPairs, baseDir });

describe('a micro-batch chosen by memory', () => {
  const text =
    'data: { pairs: a.csv }\nmodel: { image_encoder: { name: resnet18 }, text_encoder: { name: bert-tiny }, fusion: { kind: late } }\n' +
    'train: { batch_size: 96, micro_batch: auto }\n';
  const microBatch = (memoryBytes?: number) => {
    const { train, reasons } = resolveConfig(read(text), { trainPairs: 1000, baseDir: '/', memoryBytes });
    return [train.micro_batch, reasons['train.micro_batch']];
  };
  // A pair keeps 11.5e6 + 2 x 32 x (16 x 128 + 3 x 2 x 32) = 11.64e6 numbers, 46.6 MB. Weights and the like: 5 x 15.9e6 numbers, 0.32 GB.
  // Three batches of 96 x 3 x 224^2 numbers are 0.17 GB, the program 0.25 GB: 0.74 GB without activations.
  test('is the largest divisor of the batch that fits', () => {
    expect(microBatch(2.6e9)[0]).toBe(32); // 0.74 + 32 x 0.0466 = 2.23 GB; 48: 2.98 GB
    expect(microBatch(2.6e9)[1]).toMatch(/32 at a time/);
    expect(microBatch(8e9)[0]).toBeNull(); // 96: 5.2 GB
    expect(microBatch()[0]).toBeNull();
    expect(microBatch(1e6)[0]).toBe(2);
  });
});

describe('lengths', () => {
  // 1000 pairs in batches of 64: 15 full batches a pass, 20 passes: 300 steps.
  const length = { steps: 300, stepsPerEpoch: 15, batchSize: 64 };
  test.each([
    ['5%', 15],
    ['100 steps', 100],
    ['1 step', 1],
    ['2 epochs', 30],
    ['1 epoch', 15],
    ['0.5 epochs', 8], // 7.5, rounded
    ['10000 samples', 156], // 156.25
    [42, 42],
    ['42', 42],
    ['1e2 steps', 100],
    [' 10 % ', 30],
    ['100%', 300],
  ])('%s', (written, steps) => {
    expect(isDuration(written)).toBe(true);
    expect(durationInSteps(written, length)).toBe(steps);
  });
  test.each([
    '',
    '5 percent',
    '-1',
    '1.5',
    '101%',
    'one epoch',
    'epoch',
    '1 epochs 2 steps',
    NaN,
    Infinity,
    0.5,
    -3,
    null,
  ])('%s is none', (written) => expect(isDuration(written)).toBe(false));
  test('a number too large for a number is none', () => expect(parseDuration('1e999 steps')).toBeNull());
});

describe('a resolved config', () => {
  test('a file with nothing but pairs', () => {
    const config = resolve('data: { pairs: data/pairs.csv }\n');
    expect(config.data).toMatchObject({
      pairs: '/home/ada/pics/data/pairs.csv',
      image_root: null,
      cache_dir: '/home/ada/pics/.tandem/cache',
      val: null,
      val_fraction: 0.1,
      augment: { crop: [0.8, 1], flip: 0.5, swap_left_right: true, drop_word: 0 },
    });
    expect(config.train).toMatchObject({
      epochs: 20,
      steps: 300,
      steps_per_epoch: 15,
      batch_size: 64,
      engine: 'auto',
    });
    expect(config.eval.every).toBe(15);
    expect(config.checkpoint.every).toBe(15);
    expect(config.optimizer.schedule).toEqual({ kind: 'cosine', warmup: 15, final_fraction: 0 });
    expect(config.optimizer.learning_rate).toEqual({ image: 1e-3, text: 5e-4, fusion: 1e-3, scale: 1e-3 });
    expect(config).not.toHaveProperty('sweep');
    expect(config.reasons['optimizer.learning_rate.text']).toMatch(/from scratch.*5e-4/);
    expect(config.reasons['train.steps']).toBe('20 epochs of 15 steps (1000 training pairs, batch 64)');
  });

  test('the rates follow how the encoders start, and say why', () => {
    const config = resolve(
      'data: { pairs: a }\nmodel: { image_encoder: { weights: w/r50 }, text_encoder: { weights: "hf:google-bert/bert-base-uncased" } }\n',
    );
    expect(config.optimizer.learning_rate).toMatchObject({ image: 1e-4, text: 2e-5, fusion: 1e-3 });
    expect(config.reasons['optimizer.learning_rate.image']).toMatch(/loaded weights.*1e-4/);
    expect(config.reasons['optimizer.learning_rate.text']).toMatch(/loaded weights.*2e-5/);
    expect(config.model.image_encoder.weights).toBe('/home/ada/pics/w/r50');
    expect(config.model.text_encoder.weights).toBe('hf:google-bert/bert-base-uncased');
  });

  test('a rate that is given stays, also in a trial, without a reason', () => {
    const experiment = read('data: { pairs: a }\noptimizer: { learning_rate: { text: 0 } }\n');
    const config = resolveConfig(applyTrial(experiment, { 'optimizer.learning_rate.image': 3e-4 }), {
      trainPairs: 1000,
      baseDir: '/',
    });
    expect(config.optimizer.learning_rate).toMatchObject({ image: 3e-4, text: 0 });
    expect(
      Object.keys(config.reasons)
        .filter((path) => path.includes('learning_rate'))
        .sort(),
    ).toEqual(['optimizer.learning_rate.fusion', 'optimizer.learning_rate.scale']);
  });

  test('steps instead of epochs', () => {
    const {
      train,
      optimizer,
      eval: evaluation,
    } = resolve(
      'data: { pairs: a }\ntrain: { steps: 50, batch_size: 10 }\neval: { every: 1 epoch }\noptimizer: { schedule: { warmup: 200 samples } }\n',
    );
    expect(train).toMatchObject({ epochs: null, steps: 50, steps_per_epoch: 100 });
    // An evaluation rarer than the run is at its end.
    expect(evaluation.every).toBe(50);
    expect(optimizer.schedule.warmup).toBe(20);
  });

  test('fewer pairs than a batch still give a config; the check reports it', () => {
    expect(resolve('data: { pairs: a }\n', 9).train).toMatchObject({ steps_per_epoch: 1, steps: 20 });
  });

  test('val excludes val_fraction', () => {
    const { data, reasons } = resolve('data: { pairs: a.csv, val: ../v.csv }\n');
    expect(data).toMatchObject({ val: '/home/ada/v.csv', val_fraction: 0 });
    expect(reasons['data.val_fraction']).toMatch(/data\.val is given/);
  });

  test('no cache, no clipping', () => {
    const config = resolve('data: { pairs: a.csv, cache_dir: null }\noptimizer: { clip_norm: null }\n');
    expect([config.data.cache_dir, config.optimizer.clip_norm]).toEqual([null, null]);
  });

  test('runs are named by the file when it gives no name', () => {
    const parsed = parseExperiment('data: { pairs: a }\n');
    const context = { trainPairs: 100, baseDir: '/', name: 'emoji', explicit: parsed.explicit };
    expect(resolveConfig(parsed.experiment!, context).name).toBe('emoji');
    const named = parseExperiment('name: birds\ndata: { pairs: a }\n');
    expect(resolveConfig(named.experiment!, { ...context, explicit: named.explicit }).name).toBe('birds');
  });

  test('resolving changes nothing in the experiment', () => {
    const experiment = read('data: { pairs: a }\n');
    const before = JSON.stringify(experiment);
    resolveConfig(experiment, { trainPairs: 100, baseDir: '/x' });
    expect(JSON.stringify(experiment)).toBe(before);
  });
});

describe('paths', () => {
  test.each([
    ['/home/ada', 'a.csv', '/home/ada/a.csv'],
    ['/home/ada/', './x/../a.csv', '/home/ada/a.csv'],
    ['/home/ada', '../../../a.csv', '/a.csv'],
    ['/', 'a.csv', '/a.csv'],
    ['/home/ada', '/data/a.csv', '/data/a.csv'],
    ['/home/ada', 'shards/{0..9}.tar', '/home/ada/shards/{0..9}.tar'],
    ['C:\\Users\\ada', 'a\\b.csv', 'C:\\Users\\ada\\a\\b.csv'],
    ['C:\\Users\\ada', 'D:\\b.csv', 'D:\\b.csv'],
    ['C:/Users/ada', '../b.csv', 'C:/Users/b.csv'],
    ['/home/ada', 'hf:google-bert/bert-base-uncased', 'hf:google-bert/bert-base-uncased'],
  ])('%s + %s', (base, path, expected) => expect(absolutePath(base, path)).toBe(expected));
});

describe('sweeps', () => {
  const text = `data: { pairs: a }
seed: 7
sweep:
  optimizer.learning_rate.image: [1e-4, 1e-3]
  model.fusion.kind: [late, early]
  seeds: [3, 4]
`;

  test('all combinations for the first seed, then for the next; the last list changes fastest', () => {
    const trials = expandSweep(read(text));
    expect(
      trials.map((one) => [
        one.settings['optimizer.learning_rate.image'],
        one.settings['model.fusion.kind'],
        one.seed,
      ]),
    ).toEqual([
      [1e-4, 'late', 3],
      [1e-4, 'early', 3],
      [1e-3, 'late', 3],
      [1e-3, 'early', 3],
      [1e-4, 'late', 4],
      [1e-4, 'early', 4],
      [1e-3, 'late', 4],
      [1e-3, 'early', 4],
    ]);
    expect(trials.map((one) => one.index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(trials.every((one) => one.count === 8)).toBe(true);
  });

  test('without a sweep there is one run, with the file’s seed', () => {
    expect(expandSweep(read('data: { pairs: a }\nseed: 7\n'))).toEqual([
      { settings: {}, seed: 7, index: 0, count: 1 },
    ]);
    expect(expandSweep(read('data: { pairs: a }\nseed: 7\nsweep:\n'))).toHaveLength(1);
    expect(expandSweep(read('data: { pairs: a }\nseed: 7\nsweep: {}\n'))).toHaveLength(1);
  });

  test('a trial is applied to a copy', () => {
    const experiment = read(text);
    const [, second] = expandSweep(experiment);
    const applied = applyTrial(experiment, second!.settings);
    expect(applied.optimizer.learning_rate.image).toBe(1e-4);
    expect(applied.model.fusion.kind).toBe('early');
    expect(applied.sweep).toBeNull();
    expect(experiment.model.fusion.kind).toBe('cross_attention');
    expect(experiment.sweep).not.toBeNull();
  });

  test('a swept length wins over the one that is written', () => {
    const experiment = read('data: { pairs: a }\ntrain: { epochs: 3 }\nsweep: { train.steps: [10, 20] }\n');
    const config = resolveConfig(applyTrial(experiment, { 'train.steps': 20 }), {
      trainPairs: 1000,
      baseDir: '/',
    });
    expect(config.train).toMatchObject({ steps: 20, epochs: null });
  });
});
