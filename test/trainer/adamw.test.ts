import { describe, expect, it } from 'vitest';
import { adamw, decay, gradientSquares, type AdamwSettings } from '../../src/trainer/optimizer/adamw.ts';
import { rng } from '../../src/data/hash.ts';
import { trainableArrays, type TrainableArrays } from '../../src/trainer/optimizer/simd/trainable-arrays.ts';

// The numbers of torch.optim.AdamW over 20 steps are in references.test.ts; here is each element by itself, in float32, written plainly.

const settings: AdamwSettings = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 0.01,
  gradientFactor: 0.25,
  updates: 3,
};

describe('adamw', () => {
  it.each([1, 3, 4, 127, 4096, 4099, 10_000])('updates %i elements as float32 does, one by one', (length) => {
    const arrays = randomArrays(length);
    const gradient = arrays.gradient.slice();
    const expected = plainly(arrays, settings);
    adamw(arrays, settings);
    expect([arrays.parameter, arrays.first, arrays.second]).toEqual(expected);
    expect(arrays.gradient).toEqual(gradient);
  });

  it('changes only the stretch that it is given', () => {
    const arrays = randomArrays(1000);
    const before = [arrays.parameter, arrays.first, arrays.second].map((values) => values.slice());
    const expected = plainly(arrays, settings);
    adamw(arrays, settings, 332, 340);
    for (const [index, mine] of [arrays.parameter, arrays.first, arrays.second].entries()) {
      before[index]!.set(expected[index]!.subarray(332, 340), 332);
      expect(mine).toEqual(before[index]);
    }
  });

  it('leaves its neighbours in memory alone', () => {
    const all = trainableArrays(
      new Map([
        ['a', 5],
        ['b', 5],
      ]),
    );
    const [a, b] = [all.get('a')!, all.get('b')!];
    for (const values of Object.values(b)) if (values instanceof Float32Array) values.fill(1);
    a.gradient.fill(1);
    adamw(a, settings);
    decay(a, settings, 0, 5);
    expect([...b.parameter, ...b.gradient, ...b.first, ...b.second]).toEqual(new Array(20).fill(1));
    expect(gradientSquares(a)).toBe(5);
  });

  it('spreads large models over several memories', () => {
    const size = 40e6; // 640 MB in all its arrays, of which nothing is touched
    const all = [...trainableArrays(new Map([1, 2, 3].map((place) => [String(place), size]))).values()];
    expect(new Set(all.map(({ parameter }) => parameter.buffer)).size).toBe(3);
    for (const { second } of all) expect(second.length).toBe(size);
  });

  it('lets moments that no longer matter go to zero, not to numbers that are slow to compute with', () => {
    const arrays = trainableArrays(new Map([['x', 2]])).get('x')!;
    arrays.parameter.fill(1);
    arrays.first.fill(2e-36);
    arrays.second.fill(2e-36);
    for (let step = 0; step < 1000; step++) adamw(arrays, { ...settings, weightDecay: 0 });
    expect([...arrays.first, ...arrays.second]).toEqual([0, 0, 0, 0]);
    expect([...arrays.parameter]).toEqual([1, 1]);
  });

  it('keeps what is not finite in sight', () => {
    const arrays = trainableArrays(new Map([['x', 1]])).get('x')!;
    arrays.gradient[0] = NaN;
    expect(gradientSquares(arrays)).toBeNaN();
    adamw(arrays, settings);
    expect(arrays.parameter[0]).toBeNaN();
  });

  it('decays what has no gradient to the same bit', () => {
    const [whole, decayed] = [randomArrays(1000), randomArrays(1000)];
    for (const { parameter, gradient, first, second } of [whole, decayed]) {
      parameter.set([0, -0, 1e-45, -1e-40, 3e38]);
      for (const values of [gradient, first, second]) values.fill(0);
    }
    adamw(whole, settings);
    decay(decayed, settings, 0, 1000);
    const bits = ({ parameter }: TrainableArrays) =>
      new Int32Array(parameter.buffer, parameter.byteOffset, parameter.length);
    expect(bits(decayed)).toEqual(bits(whole));
  });

  it('sums squares in float64', () => {
    const arrays = randomArrays(4099);
    arrays.gradient.set([1e25, 3e-30]); // their squares are nothing in float32
    const expected = arrays.gradient.reduce((sum, value) => sum + value * value, 0);
    expect(gradientSquares(arrays) / expected).toBeCloseTo(1, 14);
    arrays.gradient.fill(0);
    arrays.gradient[17] = 3e-30;
    expect(gradientSquares(arrays)).toBe(Math.fround(3e-30) ** 2);
  });
});

function randomArrays(length: number): TrainableArrays {
  const random = rng('adamw', length);
  const arrays = trainableArrays(new Map([['x', length]])).get('x')!;
  for (let i = 0; i < length; i++) {
    arrays.parameter[i] = random.normal();
    arrays.gradient[i] = random.normal() * 0.1;
    arrays.first[i] = random.normal() * 0.01;
    arrays.second[i] = (random.normal() * 0.01) ** 2;
  }
  return arrays;
}

/** Parameter and moments after the update. */
function plainly(
  { parameter, gradient, first, second }: TrainableArrays,
  { learningRate, beta1, beta2, eps, weightDecay, gradientFactor, updates }: AdamwSettings,
): [Float32Array, Float32Array, Float32Array] {
  const f = Math.fround;
  const stepSize = f(learningRate / (1 - beta1 ** updates));
  const root = f(1 / Math.sqrt(1 - beta2 ** updates));
  const rows = Array.from(parameter, (p, i) => {
    const g = f(gradient[i]! * f(gradientFactor));
    const m = f(f(first[i]! * f(beta1)) + f(g * f(1 - beta1)));
    const v = f(f(second[i]! * f(beta2)) + f(f(g * g) * f(1 - beta2)));
    const change = f(f(stepSize * m) / f(f(f(Math.sqrt(v)) * root) + f(eps)));
    return [f(p - f(f(p * f(learningRate * weightDecay)) + change)), m, v] as const;
  });
  const column = (index: 0 | 1 | 2) => Float32Array.from(rows, (row) => row[index]);
  return [column(0), column(1), column(2)];
}
