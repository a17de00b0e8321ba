import { expect, test } from 'vitest';
import { xTicks } from '../../webview-ui/plots/x-axis.ts';

const labels = (...args: Parameters<typeof xTicks>): string[] => xTicks(...args).map(({ label }) => label);

test('steps are counted, however few there are; epochs have parts', () => {
  expect(labels('step', 0.5, 1.5, 6)).toEqual(['1']);
  expect(labels('step', 0.8, 3.2, 8)).toEqual(['1', '2', '3']);
  expect(labels('step', 2.1, 2.3, 6)).toEqual([]);
  expect(labels('step', 0, 120, 6)).toEqual(['0', '20', '40', '60', '80', '100', '120']);
  expect(labels('epoch', 0, 1, 5)).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1']);
});
