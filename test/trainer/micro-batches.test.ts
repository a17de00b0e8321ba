// Micro-batches against the whole batch: the same model, pairs and dropout masks.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../src/data/loader.ts';
import type { TrainConfig } from '../../src/experiment/config.ts';
import type { Engine, Values } from '../../src/trainer/engines/engine.ts';
import { createEngine } from '../../src/trainer/engines/pick.ts';
import { buildModel } from '../../src/trainer/model/model.ts';
import { createTrainingPass } from '../../src/trainer/step/training-pass.ts';
import { parameter } from './formula.ts';
import { fixedTemperature, loadedBatch, modelConfig, tinyShapes } from './tiny.ts';

const size = 12;
const length = 8;
let engine: Engine;
beforeAll(async () => {
  engine = await createEngine('onnx', { engine: 'onnx', provider: 'cpu', threads: 1 }, 'a test');
});

/** Two pairs share an image and two a caption: no negatives of each other, whichever micro-batches they are in. */
function batchOf(seed: string): Batch {
  const batch = loadedBatch(size, length, seed);
  batch.imageIds[7] = 1;
  batch.captionIds[10] = 4;
  return batch;
}

async function passOf(
  kind: 'late' | 'cross_attention',
  imageTrain: 'full' | 'frozen',
  micro: number | null,
  layers = 1,
) {
  const config = modelConfig(kind, layers);
  config.text_encoder.dropout = 0.1;
  config.image_encoder.train = imageTrain;
  const model = buildModel(config, { ...fixedTemperature, learn_temperature: true }, tinyShapes);
  const arrays = Object.fromEntries(model.parameters.map((spec) => [spec.name, parameter(spec)]));
  const gradients: Values = {};
  for (const spec of model.parameters)
    if (model.isTrainable(spec))
      gradients[`grad/${spec.name}`] = new Float32Array(arrays[spec.name]!.length).fill(7);
  const train = { batch_size: size, micro_batch: micro } as TrainConfig;
  const pass = createTrainingPass({ model: config, seed: 5, train }, engine, model, arrays, gradients);
  const { loss, statistics } = await pass.run(batchOf(kind), 3);
  const counts = statistics.map(
    (part) => Object.keys(part).filter((name) => name.startsWith('stat/')).length,
  );
  pass.dispose();
  return { loss, gradients, counts };
}

describe('micro-batches give the gradients of the whole batch', () => {
  it.each([
    ['late', 4, 1],
    ['late', 6, 1],
    ['cross_attention', 4, 1],
    ['cross_attention', 3, 2],
  ] as const)('%s, %i of 12 pairs at a time, %i layers', async (kind, micro, layers) => {
    const whole = await passOf(kind, 'frozen', null, layers);
    const parts = await passOf(kind, 'frozen', micro, layers);
    expect(Math.abs(parts.loss / whole.loss - 1)).toBeLessThan(1e-5);
    const norm = (values: Iterable<number>) => Math.hypot(...values);
    const total = norm(Object.values(whole.gradients).map(norm));
    const errors = Object.entries(whole.gradients).map(([name, expected]) => {
      const far = norm(expected.map((value, i) => parts.gradients[name]![i]! - value));
      // Attention does not change with a key's bias: that gradient is zero, and its rounding errors have no scale of their own.
      return [name, far / (name.endsWith('key.bias') ? total : norm(expected))] as const;
    });
    expect(errors.filter(([, error]) => !(error < 1e-5))).toEqual([]);
    expect(Object.keys(whole.gradients)).toContain('grad/logit_scale');
  });

  it('batch norm takes the statistics of each micro-batch', async () => {
    const whole = await passOf('late', 'full', null);
    const parts = await passOf('late', 'full', 4);
    expect(parts.counts).toEqual([whole.counts[0], whole.counts[0], whole.counts[0]]);
    expect(whole.counts[0]).toBeGreaterThan(0);
  });
});
