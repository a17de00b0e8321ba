import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { makePhotographs } from './data/material.ts';
import { batchSize, trainOurs, type Measured } from './recipe/ours.ts';
import { mallocSettings } from '../src/launcher/trainer-program.ts';

/*
 * A step of ResNet-50, BERT-base and cross-attention from random weights: photographs at 224 pixels, ordinary captions, batch 8, T 0.1, clip 1.
 *   npm run bench -- recipe [--torch PYTHON] [--steps 10] [--plain-steps 2] [--threads 2] [--json]
 * With --torch, which needs 11 GB, the same batches from the same weights in PyTorch: `plain` pads captions to 512 tokens, `longest` to the longest of the
 * batch, `tuned` also keeps glibc from returning memory and has a fused AdamW and channels last, `double` computes in float64. Medians of steps; ours
 * without those that made a graph. Bars: 1/12 of `plain`'s time, `tuned`'s time, 4 GB, losses within 1e-3 of `tuned`'s.
 * The last bar is one that PyTorch does not keep with itself: from random weights on, gradients of the image encoder in float32 are percents away from
 * those in float64, AdamW's first steps take their signs, and `longest` and `tuned` part from each other as from us. So every side's first
 * gradients (the largest branch) and losses are also set beside float64's. Where other programs run, compare processor time at --threads 1:
 * waiting threads turn in circles.
 */

const { values: options } = parseArgs({
  options: {
    torch: { type: 'string' },
    steps: { type: 'string', default: '10' },
    'plain-steps': { type: 'string', default: '2' },
    threads: { type: 'string', default: '2' },
    ours: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const steps = Number(options.steps);
const threads = Number(options.threads);
const run = promisify(execFile);

if (options.ours !== undefined) {
  const log = console.log;
  console.log = () => {};
  const result = await trainOurs(options.ours, steps * batchSize, steps, threads);
  log(JSON.stringify(result));
} else await compare();

async function compare(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-bench-recipe-'));
  try {
    await makePhotographs(folder, steps * batchSize);
    const own = fileURLToPath(import.meta.url);
    const ours = await side(
      process.execPath,
      [own, '--ours', folder, '--steps', options.steps, '--threads', options.threads],
      mallocSettings,
    );
    const result = options.torch
      ? { ...said('ours', ours), ...(await besideTorch(options.torch, folder, ours)) }
      : said('ours', ours);
    if (!options.json) console.table(result);
    console.log(JSON.stringify({ node: process.version, threads, batch: batchSize, steps, ...result }));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function besideTorch(python: string, folder: string, ours: Measured) {
  const script = fileURLToPath(new URL('../../test/reference/bench_recipe.py', import.meta.url));
  // Threads that wait actively would take the other programs' processor.
  const env = { OMP_NUM_THREADS: options.threads, KMP_BLOCKTIME: '0', OMP_WAIT_POLICY: 'PASSIVE' };
  const peer = (pad: string, count: number, more: string[] = [], memory = {}): Promise<Measured> =>
    side(
      python,
      [script, folder, '--pad', pad, '--steps', String(count), '--threads', options.threads, ...more],
      {
        ...env,
        ...memory,
      },
    );
  const tuned = await peer('longest', steps, ['--tuned', '--gradients', 'tuned'], mallocSettings);
  const longest = await peer('longest', steps, ['--gradients', 'longest']);
  const plain = await peer('512', Number(options['plain-steps']));
  const sides = { ours, tuned, longest };
  const double = await peer(
    'longest',
    steps,
    ['--double', '--against', ...Object.keys(sides)],
    mallocSettings,
  );
  const mine = stepMs(ours);
  return {
    ...said('tuned', tuned),
    ...said('longest', longest),
    ...said('plain', plain),
    times_faster_than_plain: rounded(stepMs(plain).ms / mine.ms),
    over_tuned: rounded(mine.ms / stepMs(tuned).ms),
    over_tuned_cpu: rounded(mine.cpu_ms / stepMs(tuned).cpu_ms),
    largest_loss_difference: largestDifference(ours, tuned),
    torch_own_loss_difference: largestDifference(longest, tuned),
    ...Object.fromEntries(
      Object.entries(sides).flatMap(([name, side]) => [
        [`${name}_loss_from_double`, largestDifference(side, double)],
        [`${name}_gradients_from_double`, rounded(Math.max(...Object.values(double.distance![name]!)))],
      ]),
    ),
    // Of the whole factor: what captions padded to their batch alone give, then memory that is kept and PyTorch's own switches, then our step.
    from_padding: rounded(stepMs(plain).ms / stepMs(longest).ms),
    from_tuning: rounded(stepMs(longest).ms / stepMs(tuned).ms),
    from_our_step: rounded(stepMs(tuned).ms / mine.ms),
  };
}

async function side(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<Measured> {
  const { stdout } = await run(command, args, { env: { ...process.env, ...env }, maxBuffer: 2 ** 24 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured;
}

/** Medians of the steps that made no graph; PyTorch's first one warms up. */
function stepMs({ ms, cpu_ms, data_ms, compiled = [0] }: Measured) {
  const counts = (values: number[]): number[] => values.filter((_, step) => !compiled.includes(step));
  const median = (values: number[]): number => {
    const sorted = (counts(values).length > 0 ? counts(values) : values).toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)]!;
  };
  return { ms: median(ms), cpu_ms: median(cpu_ms), data_ms: median(data_ms) };
}

function said(name: string, measured: Measured): Record<string, number> {
  const { ms, cpu_ms, data_ms } = stepMs(measured);
  return {
    [`${name}_ms`]: Math.round(ms),
    [`${name}_cpu_ms`]: Math.round(cpu_ms),
    [`${name}_data_ms`]: rounded(data_ms),
    [`${name}_first_ms`]: Math.round(measured.ms[0]!),
    [`${name}_peak_gb`]: rounded(measured.peak_mb / 1024),
    [`${name}_last_loss`]: Number(measured.losses.at(-1)!.toFixed(5)),
  };
}

/** Over the steps that both have. */
function largestDifference(one: Measured, other: Measured): number {
  const steps = Math.min(one.losses.length, other.losses.length);
  const all = one.losses.slice(0, steps).map((loss, step) => Math.abs(loss - other.losses[step]!));
  return Number(Math.max(...all).toExponential(2));
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
