import { afterEach, expect, test, vi } from 'vitest';
import { durationLeft } from '../../src/text/duration-left.ts';

afterEach(() => void vi.useRealTimers());

test('what comes once before the first of the work is not counted again for each of the rest', () => {
  vi.useFakeTimers();
  const left = durationLeft();
  const at = (ms: number, done: number): number | null => {
    vi.setSystemTime(ms);
    return left(done, 200);
  };
  expect(at(0, 0)).toBe(null);
  // A model is loaded for five seconds; then a batch of 16 is there every two.
  expect(at(5_000, 1)).toBe(null);
  expect(at(5_001, 16)).toBe(null);
  expect(at(7_000, 32)).toBe(null);
  expect(at(9_000, 48)).toBe(((200 - 48) / 16) * 2_000);
  expect(at(28_000, 200)).toBe(0);
});
