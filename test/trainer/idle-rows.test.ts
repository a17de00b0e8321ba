import { expect, it } from 'vitest';
import { adamw } from '../../src/trainer/optimizer/adamw.ts';
import { rng } from '../../src/data/hash.ts';
import type { Model } from '../../src/trainer/model/model.ts';
import { createOptimizer } from '../../src/trainer/optimizer/optimizer.ts';
import { trainableArrays } from '../../src/trainer/optimizer/simd/trainable-arrays.ts';
import { optimizerConfig } from './tiny.ts';

const rows = 5000; // a table large enough for its idle rows to be told apart

it.each([6, 8])(
  'a table %i wide of which few rows are reached is updated bit for bit as if all were, through a resume too',
  (width) => {
    const table = {
      name: 'text_encoder.words',
      shape: [rows, width],
      branch: 'text',
      kind: 'parameter',
      initial: { kind: 'constant', value: 0 },
    } as const;
    const random = rng('idle rows');
    const arrays = { [table.name]: Float32Array.from({ length: rows * width }, () => random.normal()) };
    const expected = trainableArrays(new Map([['all', rows * width]])).get('all')!;
    expected.parameter.set(arrays[table.name]);
    const model = { parameters: [table], isTrainable: () => true } as unknown as Model; // the optimizer asks for nothing else
    const config = { ...optimizerConfig(), clip_norm: null };
    let optimizer = createOptimizer(model, config, arrays);
    for (let step = 1; step <= 6; step++) {
      const gradient = new Float32Array(rows * width);
      for (let i = 0; i < 40; i++) {
        const row = [0, rows - 1, step * 100][i] ?? random.int(rows);
        for (let column = 0; column < width; column++) gradient[row * width + column] = random.normal();
      }
      gradient[7 * width + 3] = 1e-30; // its square is nothing in float32
      const squares = gradient.reduce((sum, value) => sum + value * value, 0);
      const rates = { image: 0, text: 1e-2, fusion: 0, scale: 0 };
      const report = optimizer.update({ [`grad/${table.name}`]: gradient }, rates);
      expected.gradient.set(gradient);
      adamw(expected, { ...config, learningRate: 1e-2, weightDecay: 0.01, gradientFactor: 1, updates: step });
      expect(report.norm).toBeCloseTo(Math.sqrt(squares), 6);
      expect(arrays[table.name]).toEqual(expected.parameter);
      expect(optimizer.state.firstMoments[table.name]).toEqual(expected.first);
      expect(optimizer.state.secondMoments[table.name]).toEqual(expected.second);
      if (step === 3) optimizer = createOptimizer(model, config, arrays, optimizer.state);
    }
  },
);
