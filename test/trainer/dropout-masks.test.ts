// Dropout masks: the generator's own numbers, how often and how independently they drop, and how parts make up a whole.
import { describe, expect, it } from 'vitest';
import { dropoutMasks } from '../../src/trainer/step/dropout-masks.ts';

const size = 2 ** 18;
const draw = (probability: number, step: number, shape = [size]): Uint8Array => {
  const { mask } = dropoutMasks(probability, 5).draw({ mask: shape }, step);
  return Uint8Array.from(mask!, (value) => Number(value === 0));
};

describe('dropout masks', () => {
  it('follow from their key by Widynski’s squares, on 32 bits', () => {
    const masks = dropoutMasks(0.25, 5);
    const shapes = { mask: [3, 7] };
    const word = (x: bigint): bigint => BigInt.asUintN(32, x);
    const exchanged = (x: bigint): bigint => word((x << 16n) | (x >> 16n));
    const key = BigInt(masks.keys(shapes, 2)['mask']![0]!);
    const expected = Array.from({ length: 21 }, (_, i) => {
      const state = word(key + BigInt(i + 1) * 0x6d2b79f5n);
      const first = exchanged(word(state * state + state));
      const second = exchanged(word(first * first + state));
      return word(second * second + state) < 2n ** 30n ? 0 : Math.fround(4 / 3);
    });
    expect(Array.from(masks.draw(shapes, 2)['mask']!)).toEqual(expected);
    expect(expected).toContain(0);
  });

  it.each([0.02, 0.1, 0.5])('drop %f of all, whatever was dropped nearby or a step before', (share) => {
    const [now, next] = [draw(share, 7), draw(share, 8)];
    /** Standard deviations that a count is from so many draws of that probability. */
    const off = (count: number, draws: number, of: number): number =>
      Math.abs(count - draws * of) / Math.sqrt(draws * of * (1 - of));
    expect(
      off(
        now.reduce((a, b) => a + b),
        size,
        share,
      ),
    ).toBeLessThan(5);
    for (const lag of [1, 2, 3, 4, 7, 8, 16, 64, 100, 768, 1024, 4096, 65_536]) {
      let both = 0;
      for (let i = lag; i < size; i++) both += now[i]! & now[i - lag]!;
      expect(off(both, size - lag, share ** 2), `${lag} apart`).toBeLessThan(5);
    }
    let both = 0;
    for (let i = 0; i < size; i++) both += now[i]! & next[i]!;
    expect(off(both, size, share ** 2)).toBeLessThan(5);
  });

  it('of parts are those of the whole', () => {
    const masks = dropoutMasks(0.5, 5);
    const whole = masks.draw({ mask: [6, 5] }, 3)['mask']!.slice();
    const parts = [0, 1, 2].flatMap((part) => Array.from(masks.draw({ mask: [2, 5] }, 3, part)['mask']!));
    expect(parts).toEqual(Array.from(whole));
  });
});
