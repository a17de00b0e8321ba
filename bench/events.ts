import { parseArgs } from 'node:util';
import { toJson } from '../src/protocol/numbers.ts';
import { emptyRunState, foldRun, type RunState } from '../src/protocol/state.ts';
import { createLineFolder } from '../src/store/event-columns.ts';
import { eventsOf } from '../src/store/events.ts';

/*
 * What the folder of lines saves: milliseconds to make the curves of a run from the text of its events, with `foldRun` of parsed events
 * and straight from the bytes; the medians of five turns, taken in pairs.
 *   npm run bench -- events [--steps 200000] [--json]
 */

const { values: options } = parseArgs({
  options: { steps: { type: 'string', default: '200000' }, json: { type: 'boolean', default: false } },
});
const steps = Number(options.steps);

const lines = Array.from({ length: steps }, (_, i) => {
  const noise = Math.sin(i * 12.9898) / 10;
  const metrics: Record<string, number> = {
    'train/loss': 4 * Math.exp((-3 * i) / steps) + noise,
    'train/temperature': 0.1,
    'train/grad_norm': 1 + noise,
    'train/clip_factor': Math.min(1, 1 / (1 + noise)),
    'train/epoch': i / 90,
    'train/pairs_per_s': 150 + 10 * noise,
    'train/data_wait': Math.abs(noise),
  };
  for (const branch of ['image', 'text', 'fusion']) {
    metrics[`train/grad_norm/${branch}`] = Math.exp(noise);
    metrics[`train/learning_rate/${branch}`] = 1e-3 * (1 - i / steps);
  }
  return `${toJson({ kind: 'step', time: 1_767_600_000_000 + 40 * i, step: i + 1, metrics })}\n`;
});
/** In pieces of some megabytes, as a file is read. */
const pieces = Array.from({ length: Math.ceil(steps / 8192) }, (_, i) =>
  Buffer.from(lines.slice(i * 8192, (i + 1) * 8192).join('')),
);

const ways: Record<string, () => RunState> = {
  parsed: () => {
    const state = emptyRunState();
    for (const piece of pieces) foldRun(state, eventsOf(piece));
    return state;
  },
  bytes: () => {
    const state = emptyRunState();
    const folder = createLineFolder(state);
    pieces.forEach((piece, i) => folder.fold(piece, (i + 1) / pieces.length));
    return state;
  },
};

const times: Record<string, number[]> = { parsed: [], bytes: [] };
for (let turn = 0; turn < 5; turn++)
  for (const [way, run] of Object.entries(ways)) {
    const start = performance.now();
    const state = run();
    times[way]!.push(performance.now() - start);
    if (state.series.get('train/loss')!.length !== steps) throw new Error(`${way} lost points`);
  }
const median = (way: string): number => Math.round(times[way]!.sort((a, b) => a - b)[2]!);
const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
const result = {
  node: process.version,
  steps,
  megabytes: Math.round(bytes / 1e6),
  parsed_ms: median('parsed'),
  bytes_ms: median('bytes'),
  times_as_fast: Number((median('parsed') / median('bytes')).toFixed(1)),
};
if (!options.json) console.table([result]);
console.log(JSON.stringify(result));
