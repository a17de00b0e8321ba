import { describe, expect, it } from 'vitest';
import { adamw, decay, type AdamwSettings } from '../../src/trainer/adamw.ts';
import { rng } from '../../src/trainer/data/hash.ts';

// The numbers of torch.optim.AdamW over 20 steps are in references.test.ts; here is each element by itself, in float32, written plainly.

const settings: AdamwSettings = {
  rate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 0.01,
  gradientFactor: 0.25,
  updates: 3,
};

describe('adamw', () => {
  it.each([1, 3, 4, 127, 4096, 4099, 10_000])('updates %i elements as float32 does, one by one', (length) => {
    const given = arrays(length);
    const [parameter, gradient, first, second] = given.map((values) => values.slice()) as typeof given;
    adamw(parameter, gradient, first, second, settings);
    const expected = plainly(given, settings);
    expect([parameter, gradient, first, second]).toEqual([expected[0], given[1], expected[1], expected[2]]);
  });

  it('changes only the stretch that it is given', () => {
    const given = arrays(1000);
    const [parameter, gradient, first, second] = given.map((values) => values.slice()) as typeof given;
    adamw(parameter, gradient, first, second, settings, 333, 335);
    const expected = plainly(given, settings);
    for (const [mine, before, after] of [
      [parameter, given[0], expected[0]],
      [first, given[2], expected[1]],
      [second, given[3], expected[2]],
    ] as const) {
      const wanted = before.slice();
      wanted.set(after.subarray(333, 335), 333);
      expect(mine).toEqual(wanted);
    }
  });

  it('lets moments that no longer matter go to zero, not to numbers that are slow to compute with', () => {
    const parameter = Float32Array.of(1, 1);
    const first = Float32Array.of(2e-36, 2e-36);
    const second = Float32Array.of(2e-36, 2e-36);
    for (let step = 0; step < 1000; step++)
      adamw(parameter, new Float32Array(2), first, second, { ...settings, weightDecay: 0 });
    expect([...first]).toEqual([0, 0]);
    expect([...second]).toEqual([0, 0]);
    expect([...parameter]).toEqual([1, 1]);
  });

  it('keeps what is not finite in sight', () => {
    const parameter = Float32Array.of(1);
    adamw(parameter, Float32Array.of(NaN), new Float32Array(1), new Float32Array(1), settings);
    expect(parameter[0]).toBeNaN();
  });

  it('decays what has no gradient to the same bit', () => {
    const [values] = arrays(1000);
    values.set([0, -0, 1e-45, -1e-40, 3e38]);
    const whole = values.slice();
    adamw(whole, new Float32Array(1000), new Float32Array(1000), new Float32Array(1000), settings);
    decay(values, settings, 0, 1000);
    expect(new Int32Array(values.buffer)).toEqual(new Int32Array(whole.buffer));
  });
});

/** Parameter, gradient and moments. */
function arrays(length: number): [Float32Array, Float32Array, Float32Array, Float32Array] {
  const random = rng('adamw', length);
  const normal = (scale: number) => Float32Array.from({ length }, () => random.normal() * scale);
  return [normal(1), normal(0.1), normal(0.01), normal(0.01).map((value) => value * value)];
}

function plainly(
  [parameter, gradient, first, second]: ReturnType<typeof arrays>,
  { rate, beta1, beta2, eps, weightDecay, gradientFactor, updates }: AdamwSettings,
): [Float32Array, Float32Array, Float32Array] {
  const f = Math.fround;
  const stepSize = f(rate / (1 - beta1 ** updates));
  const root = f(1 / Math.sqrt(1 - beta2 ** updates));
  const rows = Array.from(parameter, (p, i) => {
    const g = f(gradient[i]! * f(gradientFactor));
    const m = f(f(first[i]! * f(beta1)) + f(g * f(1 - beta1)));
    const v = f(f(second[i]! * f(beta2)) + f(f(g * g) * f(1 - beta2)));
    const change = f(f(stepSize * m) / f(f(f(Math.sqrt(v)) * root) + f(eps)));
    return [f(p - f(f(p * f(rate * weightDecay)) + change)), m, v] as const;
  });
  const column = (index: 0 | 1 | 2) => Float32Array.from(rows, (row) => row[index]);
  return [column(0), column(1), column(2)];
}
