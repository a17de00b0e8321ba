import { beforeAll, describe, expect, it } from 'vitest';
import { rng } from '../../src/data/hash.ts';
import { createCpuEngine } from '../../src/trainer/engines/cpu.ts';
import type { Engine } from '../../src/trainer/engines/engine.ts';
import { initialArrays } from '../../src/trainer/model/initial.ts';
import { buildModel } from '../../src/trainer/model/model.ts';
import { lossAndGradients, stepSpecs } from '../../src/trainer/step/loss-and-gradients.ts';
import { fixedTemperature, modelConfig, noiseBatch, tinyImageSize, tinyShapes } from './tiny.ts';

let engine: Engine;
beforeAll(async () => void (engine = await createCpuEngine('a test')));

describe('the gradient of each fusion is the slope of its loss', () => {
  it.each([
    ['late', 1],
    ['cross_attention', 1],
    ['cross_attention', 2],
    ['early', 1],
  ] as const)('%s, %i layer', async (kind, layers) => {
    const loss = { ...fixedTemperature, learn_temperature: true };
    const model = buildModel(modelConfig(kind, layers), loss, tinyShapes);
    const arrays = initialArrays(model.parameters, 1);
    // The head of pair scores starts small: enlarged here, so that what lies under it has a slope to measure.
    arrays['fusion.score.weight']?.forEach((value, i, values) => (values[i] = value * 100));
    const shape = { batch: 6, imageSize: tinyImageSize, length: 8 };
    const step = await engine.compile(lossAndGradients(model), stepSpecs(model, shape));
    const batch = noiseBatch(6, tinyImageSize, 8, kind);
    const { loss: first, ...gradients } = await step.run({ ...arrays, ...batch });
    // Near chance: logits that scatter by s around one value add s^2 / 2, and untrained vectors at a temperature of 0.1 scatter by less than 1.
    const chance = kind === 'early' ? (Math.log(6) + Math.log(3)) / 2 : Math.log(6);
    expect(Math.abs(first![0]! - chance)).toBeLessThan(0.5);

    // Along a random direction in each branch: (L(p + h d) - L(p - h d)) / 2h = g . d, with d the gradient unevenly stretched.
    for (const branch of ['image', 'text', 'fusion', 'scale'] as const) {
      const specs = model.parameters.filter((spec) => spec.branch === branch && model.isTrainable(spec));
      const random = rng('direction', branch);
      const directions = specs.map(({ name }) =>
        Float32Array.from(gradients[`grad/${name}`]!, (g) => g * (0.5 + random.next())),
      );
      const dot = (f: (direction: number, gradient: number) => number) =>
        specs.reduce((sum, { name }, k) => {
          const gradient = gradients[`grad/${name}`]!;
          return directions[k]!.reduce(
            (total: number, d: number, i: number) => total + f(d, gradient[i]!),
            sum,
          );
        }, 0);
      const length = Math.sqrt(dot((d) => d * d));
      const expected = dot((d, g) => d * g) / length;
      const h = 0.002 / Math.max(1, expected);
      const moved = (sign: number) =>
        Object.fromEntries(
          specs.map(({ name }, k) => [
            name,
            arrays[name]!.map((value, i) => value + (sign * h * directions[k]![i]!) / length),
          ]),
        );
      const above = (await step.run({ ...arrays, ...moved(1), ...batch }))['loss']![0]!;
      const below = (await step.run({ ...arrays, ...moved(-1), ...batch }))['loss']![0]!;
      const slope = (above - below) / (2 * h);
      // Float32 rounds a loss of 2 by 1e-7: the difference of two over 2h times a slope of 0.1 and more is wrong by 1e-3 at most. The rest is for
      // a ReLU or a maximum that changes its side within h, which moves the slope by its share of all: 0.014 was the most.
      expect(Math.abs(slope / expected - 1), `${branch}: ${slope} beside ${expected}`).toBeLessThan(0.02);
    }
  });
});
