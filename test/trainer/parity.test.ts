// The three models whole: loss, every gradient and the batch statistics, on TensorFlow.js's own cpu backend, on the onnx engine operation
// by operation, and captured as one graph. Channels are multiples of a block, so that blocked convolutions take part.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Values } from '../../src/trainer/engines/engine.ts';
import { createCpuEngine } from '../../src/trainer/engines/cpu.ts';
import { createEngine } from '../../src/trainer/engines/pick.ts';
import { buildModel } from '../../src/trainer/model/model.ts';
import { lossAndGradients, stepSpecs } from '../../src/trainer/step/loss-and-gradients.ts';
import { check, setUp, type Input } from '../onnx-backend/parity.ts';
import { collectGarbage } from './collect-garbage.ts';
import { parameter } from './formula.ts';
import { fixedTemperature, modelConfig, noiseBatch, tinyImageSize, tinyShapes } from './tiny.ts';

const shapes = {
  ...tinyShapes,
  image: { ...tinyShapes.image, channels: [16, 32] },
} satisfies Parameters<typeof buildModel>[2];
const loss = { ...fixedTemperature, learn_temperature: true };
const batchShape = { batch: 4, imageSize: tinyImageSize, length: 8 };

beforeAll(async () => {
  await createCpuEngine('a test');
  await setUp();
});

function stepOf(kind: Parameters<typeof modelConfig>[0]) {
  const model = buildModel(modelConfig(kind), loss, shapes);
  const specs = stepSpecs(model, batchShape);
  // Weights spread as after training, a temperature near 1. Those of a fresh model make all pairs nearly alike: sums of terms that
  // cancel say more about float32 than about an engine.
  const arrays = Object.fromEntries(model.parameters.map((spec) => [spec.name, parameter(spec)]));
  const feeds: Values = { ...arrays, ...noiseBatch(4, tinyImageSize, 8, kind) };
  return { fn: lossAndGradients(model), specs, feeds };
}

describe('loss and all gradients, eager and captured', () => {
  it.each(['late', 'cross_attention', 'early'] as const)('%s', (kind) => {
    const { fn, specs, feeds } = stepOf(kind);
    const inputs = Object.fromEntries(
      // Normalised pixels: nothing of bytes.
      Object.entries(specs).map(([name, spec]) => [name, { ...spec, data: feeds[name]! } as Input]),
    );
    return check(fn, inputs);
  });
});

it('500 captured steps keep their memory, their arrays and their numbers', async () => {
  const engine = await createEngine('onnx', { engine: 'onnx', provider: 'cpu', threads: 1 }, 'a test');
  const { fn, specs, feeds } = stepOf('late');
  const step = await engine.compile(fn, specs);
  const first = await step.run(feeds);
  const loss = first['loss']![0];
  for (let i = 0; i < 100; i++) await step.run(feeds);
  collectGarbage();
  const before = process.memoryUsage();
  let last = first;
  for (let i = 0; i < 500; i++) last = await step.run(feeds);
  collectGarbage();
  const after = process.memoryUsage();
  expect(last['loss']).toBe(first['loss']);
  expect(last['loss']![0]).toBe(loss);
  // 60 kB and 40 kB a step: less than its gradients are. A whole step that were kept would be found.
  expect(after.rss - before.rss).toBeLessThan(30e6);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(20e6);
  step.dispose();
});
