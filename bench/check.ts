import { parseArgs } from 'node:util';
import { checkExperiment } from '../src/experiment/checks/check.ts';
import { parseExperiment } from '../src/experiment/parse/parse.ts';

/*
 * Milliseconds to parse and check an experiment file of 300 lines, as the editor does at each key: the first time, and the median of later
 * ones, each of a text that was not seen before. The bar is 100.
 *   npm run bench -- check [--json]
 */

const { values: options } = parseArgs({ options: { json: { type: 'boolean', default: false } } });

const facts = {
  data: { exists: true, columns: ['image', 'caption'], usable: 1000, train_pairs: 900, val_pairs: 100 },
  memory_bytes: 4e9,
};
const head = ['data: { pairs: a.csv }'];
const fill = (lines: string[]): string[] => [
  ...lines,
  ...Array.from({ length: 300 - lines.length }, (_, i) => `x-n${i}: { a: [1, 2, 3], b: "text", c: word }`),
];
const rates = (count: number, power: number): string =>
  Array.from({ length: count }, (_, i) => `${i + 1}e${power}`).join(', ');
const misplaced = 'batch_size epochs lr clip_norm temperature heads dim flip warmup keep engine rerank';

const files: Record<string, string[]> = {
  'nothing wrong': fill(head),
  'keys at the wrong level': fill([...head, ...misplaced.split(' ').map((name) => `${name}: 3`)]),
  'unknown keys': [...head, ...Array.from({ length: 299 }, (_, i) => `lerning_rate${i}: { a: 1 }`)],
  'a sweep of 40 x 40 x 20 values': fill([
    ...head,
    'sweep:',
    `  optimizer.learning_rate.image: [${rates(40, -5)}]`,
    `  optimizer.learning_rate.text: [${rates(40, -6)}]`,
    `  train.batch_size: [${Array.from({ length: 20 }, (_, i) => i + 8).join(', ')}]`,
  ]),
};

const rows = Object.entries(files).map(([file, lines]) => {
  const times = Array.from({ length: 9 }, (_, index) => {
    const text = `${lines.join('\n')}\n# ${index}\n`;
    const start = performance.now();
    checkExperiment(parseExperiment(text), facts);
    return performance.now() - start;
  });
  const rounded = (ms: number): number => Number(ms.toFixed(1));
  return { file, first_ms: rounded(times[0]!), ms: rounded(times.sort((a, b) => a - b)[4]!) };
});
if (!options.json) console.table(rows);
console.log(JSON.stringify({ node: process.version, rows }));
