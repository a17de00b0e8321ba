import { expect, test } from 'vitest';
import { checkExperiment } from '../../src/experiment/check.ts';
import { parseExperiment } from '../../src/experiment/parse.ts';

/** Processor time in ms of the fastest of a few checks of a text, each of a text that was not seen before. */
function fastest(text: string): number {
  const times = Array.from({ length: 6 }, (_, index) => {
    const before = process.cpuUsage();
    checkExperiment(parseExperiment(`${text}# ${index}\n`), {
      data: { exists: true, columns: ['image', 'caption'], usable: 1000, train_pairs: 900, val_pairs: 100 },
      memory_bytes: 4e9,
    });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

const head = ['data: { pairs: a.csv }'];
const rest = (count: number) =>
  Array.from({ length: count }, (_, index) => `x-n${index}: { a: [1, 2, 3], b: "text", c: word }`);
const misplaced = 'batch_size epochs lr clip_norm temperature heads dim flip warmup keep engine rerank'.split(
  ' ',
);

test.each([
  ['nothing wrong', [...head, ...rest(299)]],
  ['keys at the wrong level', [...head, ...misplaced.map((name) => `${name}: 3`), ...rest(287)]],
  ['unknown keys', [...head, ...Array.from({ length: 299 }, (_, index) => `lerning_rate${index}: { a: 1 }`)]],
  [
    'a sweep of 40 × 40 × 20 values',
    [
      ...head,
      'sweep:',
      `  optimizer.learning_rate.image: [${Array.from({ length: 40 }, (_, i) => `${i + 1}e-5`).join(', ')}]`,
      `  optimizer.learning_rate.text: [${Array.from({ length: 40 }, (_, i) => `${i + 1}e-6`).join(', ')}]`,
      `  train.batch_size: [${Array.from({ length: 20 }, (_, i) => i + 8).join(', ')}]`,
      ...rest(295),
    ],
  ],
])('300 lines are checked in less than 100 ms: %s', (_what, lines) => {
  expect(lines).toHaveLength(300);
  expect(fastest(`${lines.join('\n')}\n`)).toBeLessThan(100);
});
