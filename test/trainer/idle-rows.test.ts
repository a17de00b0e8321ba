import { expect, it } from 'vitest';
import { adamw } from '../../src/trainer/adamw.ts';
import { rng } from '../../src/trainer/data/hash.ts';
import type { Model } from '../../src/trainer/model/model.ts';
import { createOptimizer, type OptimizerState } from '../../src/trainer/optimizer.ts';
import { optimizerConfig } from './tiny.ts';

const [rows, width] = [5000, 6]; // a table large enough for its idle rows to be told apart; a width that is no multiple of four
const table = {
  name: 'text_encoder.words',
  shape: [rows, width],
  branch: 'text',
  kind: 'parameter',
  initial: { kind: 'constant', value: 0 },
} as const;

it('a table of which few rows are reached is updated bit for bit as if all were, through a resume too', () => {
  const random = rng('idle rows');
  const parameter = Float32Array.from({ length: rows * width }, () => random.normal());
  const expected = {
    p: parameter.slice(),
    m: new Float32Array(rows * width),
    v: new Float32Array(rows * width),
  };
  const model = { parameters: [table], learns: () => true } as unknown as Model; // the optimizer asks for nothing else
  const config = { ...optimizerConfig(), clip_norm: null };
  let optimizer = createOptimizer(model, config);
  for (let step = 1; step <= 6; step++) {
    const gradient = new Float32Array(rows * width);
    for (let i = 0; i < 40; i++) {
      const row = [0, rows - 1, step * 100][i] ?? random.int(rows);
      for (let column = 0; column < width; column++) gradient[row * width + column] = random.normal();
    }
    gradient[7 * width + 3] = 1e-30; // its square is nothing in float32
    const squares = gradient.reduce((sum, value) => sum + value * value, 0);
    const rates = { image: 0, text: 1e-2, fusion: 0, scale: 0 };
    const report = optimizer.update({ [table.name]: parameter }, { [`grad/${table.name}`]: gradient }, rates);
    const settings = { ...config, rate: 1e-2, weightDecay: 0.01, gradientFactor: 1, updates: step };
    adamw(expected.p, gradient, expected.m, expected.v, settings);
    expect(report.norm).toBeCloseTo(Math.sqrt(squares), 6);
    expect(parameter).toEqual(expected.p);
    expect(optimizer.state.firstMoments[table.name]).toEqual(expected.m);
    expect(optimizer.state.secondMoments[table.name]).toEqual(expected.v);
    if (step === 3)
      optimizer = createOptimizer(model, config, structuredClone(optimizer.state) satisfies OptimizerState);
  }
});
