import { describe, expect, test } from 'vitest';
import { isDiverging, rateCurve } from '../../src/analysis/rate-finder.ts';
import { rateWords } from '../../src/analysis/rate-words.ts';
import { rng } from '../../src/data/hash.ts';
import { rampRate, type RampPoint, type RateRamp } from '../../src/protocol/rate-ramp.ts';

const ramp: RateRamp = { branches: ['image'], others: 'own', steps: 160, low: 1e-7, high: 10 };

/** Losses along the ramp, as a function of the rate's power of ten; up to where they run away. */
function ramped(loss: (power: number) => number): RampPoint[] {
  const points: RampPoint[] = [];
  for (let step = 0; step < ramp.steps && !isDiverging(points); step++) {
    const rate = rampRate(ramp, step);
    points.push({ rate, loss: loss(Math.log10(rate)) });
  }
  return points;
}

/** 4 at small rates, falling around 10^-3 to 1 at 10^-1, exploding from there on. */
const known = (power: number): number =>
  1 + 3 / (1 + Math.exp(4 * (power + 3))) + (power > -1 ? 20 * (power + 1) ** 2 : 0);

describe('a ramp of rates', () => {
  test('rises by the same factor from the first to the last', () => {
    expect(rampRate(ramp, 0)).toBe(1e-7);
    expect(rampRate(ramp, 159)).toBeCloseTo(10, 10);
    expect(rampRate(ramp, 80) / rampRate(ramp, 79)).toBeCloseTo(10 ** (8 / 159), 10);
  });

  test('the steepest fall and a tenth of the minimum of a known curve', () => {
    const { steepest, tenth, quietUntil, divergedAt } = rateCurve(ramp, ramped(known));
    // The known curve is steepest at 10^-3; the mean is behind by w / (1 - w) = 9 points, 0.45 of a power of ten.
    expect(Math.log10(steepest!)).toBeGreaterThan(-3.1);
    expect(Math.log10(steepest!)).toBeLessThan(-2.4);
    // Its minimum is near 10^-1, and the mean's at most 0.45 behind.
    expect(Math.log10(tenth!)).toBeGreaterThan(-2.3);
    expect(Math.log10(tenth!)).toBeLessThan(-1.5);
    // 5% of the fall are reached where the curve is at 1 + 3 * 0.95: 4 (power + 3) = -ln 19, at 10^-3.74.
    expect(Math.log10(quietUntil!)).toBeGreaterThan(-4.1);
    expect(Math.log10(quietUntil!)).toBeLessThan(-3.2);
    // 4 times the minimum of 1 is passed at power -1 + sqrt(3 / 20), and behind it by the mean.
    expect(Math.log10(divergedAt!)).toBeGreaterThan(-0.7);
    expect(Math.log10(divergedAt!)).toBeLessThan(0.2);
  });

  test('the same with noise from batch to batch', () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = rng('noise', seed);
      const curve = rateCurve(
        ramp,
        ramped((power) => known(power) + 0.15 * random.normal()),
      );
      expect(Math.log10(curve.steepest!), `seed ${seed}`).toBeGreaterThan(-3.5);
      expect(Math.log10(curve.steepest!), `seed ${seed}`).toBeLessThan(-2);
      expect(Math.log10(curve.tenth!), `seed ${seed}`).toBeGreaterThan(-2.8);
      expect(Math.log10(curve.tenth!), `seed ${seed}`).toBeLessThan(-1.4);
    }
  });

  test('noise alone suggests nothing, and that is said', () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = rng('only noise', seed);
      const curve = rateCurve(
        ramp,
        ramped(() => 4 + 0.2 * random.normal()),
      );
      expect(curve, `seed ${seed}`).toMatchObject({ steepest: null, tenth: null, quietUntil: null });
      expect(rateWords(curve)[0]).toMatch(/^The loss says nothing of a rate of image:/);
    }
  });

  test('a loss that only rises suggests nothing', () => {
    expect(
      rateCurve(
        ramp,
        ramped((power) => 4 + (power > -2 ? (power + 2) ** 2 * 5 : 0)),
      ),
    ).toMatchObject({
      steepest: null,
      tenth: null,
    });
  });

  test('a loss that is not a number ends it', () => {
    const points = ramped((power) => (power > -2 ? NaN : known(power)));
    expect(points.at(-1)!.loss).toBeNaN();
    const curve = rateCurve(ramp, points);
    expect(Math.log10(curve.divergedAt!)).toBeCloseTo(-2, 1);
    expect(curve.points.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    expect(curve.smoothed).toHaveLength(curve.points.length);
  });

  test('few points suggest nothing', () => {
    expect(rateCurve(ramp, [])).toMatchObject({ steepest: null, divergedAt: null });
    expect(rateCurve(ramp, ramped(known).slice(0, 6))).toMatchObject({ steepest: null });
  });
});
