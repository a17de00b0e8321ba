import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchModels } from './step/models.ts';
import { mallocSettings } from '../src/launcher/trainer-program.ts';
import { startPeer, type Peer, type Timing } from './step/peer.ts';
import { worker } from './step/worker.ts';

/*
 * Milliseconds per training step (forward, backward, clip, AdamW).
 *   npm run bench -- step [--models a,b] [--steps N] [--threads N] [--engine NAME] [--provider NAME] [--torch PYTHON] [--json]
 * With --torch the same models run in PyTorch in alternation: as installed, and tuned. CPU seconds are compared at one thread, wall time
 * at `threads`. The last line is one JSON document.
 */

const { values: options } = parseArgs({
  options: {
    models: { type: 'string', default: Object.keys(benchModels).join() },
    steps: { type: 'string', default: '12' },
    threads: { type: 'string', default: '2' },
    engine: { type: 'string', default: 'onnx' },
    provider: { type: 'string', default: 'cpu' },
    torch: { type: 'string' },
    worker: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

type Column = 'ours' | 'torch' | 'tuned';

const torchScript = fileURLToPath(new URL('../../test/reference/bench_torch.py', import.meta.url));
const rounds = 3;

if (options.worker) await worker(options.engine as 'onnx', options.provider as 'cpu');
else await compare();

async function compare(): Promise<void> {
  const threads = Number(options.threads);
  const rows = [];
  let facts: Record<string, unknown> = {};
  for (const model of options.models.split(',')) {
    if (!benchModels[model])
      throw new Error(`No model ${model}: there are ${Object.keys(benchModels).join(', ')}.`);
    const wall = await measure(model, threads);
    const single = threads === 1 ? wall : await measure(model, 1);
    facts = wall.facts;
    rows.push(row(model, wall, single));
    if (!options.json) console.table([rows.at(-1)]);
  }
  const { engine, provider } = facts;
  console.log(JSON.stringify({ node: process.version, engine, provider, threads, rows }));
}

interface Measured {
  facts: Record<string, unknown>;
  ms: Record<Column, number | null>;
  cpu: Record<Column, number | null>;
  peakMb: number;
}

/** Medians over rounds in which the programs take turns. */
async function measure(model: string, threads: number): Promise<Measured> {
  const own = fileURLToPath(import.meta.url);
  const peers: Partial<Record<Column, Peer>> = {
    // The environment that the launcher gives a trainer.
    ours: startPeer(
      process.execPath,
      [own, '--worker', '--engine', options.engine, '--provider', options.provider],
      mallocSettings,
    ),
  };
  if (options.torch) {
    // Threads that wait actively would take the other programs' processor.
    const env = { OMP_NUM_THREADS: String(threads), KMP_BLOCKTIME: '0', OMP_WAIT_POLICY: 'PASSIVE' };
    peers.torch = startPeer(options.torch, [torchScript], env);
    peers.tuned = startPeer(options.torch, [torchScript, '--tuned'], { ...env, ...mallocSettings });
  }
  const times: Record<Column, Timing[]> = { ours: [], torch: [], tuned: [] };
  const columns = Object.keys(peers) as Column[];
  const facts = await peers.ours!.ask(`prepare ${model} ${threads}`);
  for (const column of columns.slice(1)) await peers[column]!.ask(`prepare ${model} ${threads}`);
  for (const column of columns) await peers[column]!.ask('run 2');
  const steps = Math.max(1, Math.ceil(Number(options.steps) / rounds));
  for (let round = 0; round < rounds; round++)
    for (const column of columns)
      times[column].push((await peers[column]!.ask(`run ${steps}`)) as unknown as Timing);
  for (const column of columns) peers[column]!.end();
  const median = (column: Column, key: 'ms' | 'cpu_ms') =>
    middle(times[column].flatMap((timing) => timing[key]));
  return {
    facts,
    ms: { ours: median('ours', 'ms'), torch: median('torch', 'ms'), tuned: median('tuned', 'ms') },
    cpu: {
      ours: median('ours', 'cpu_ms'),
      torch: median('torch', 'cpu_ms'),
      tuned: median('tuned', 'cpu_ms'),
    },
    peakMb: times.ours.at(-1)!.peak_mb,
  };
}

function row(model: string, wall: Measured, single: Measured) {
  const over = (a: number | null, b: number | null) => (a === null || b === null ? null : rounded(a / b, 3));
  return {
    model,
    ms: rounded(wall.ms.ours!),
    cpu_ms: rounded(single.cpu.ours!),
    samples_per_s: rounded((Number(wall.facts['batch']) * 1e3) / wall.ms.ours!),
    session_ms: rounded(Number(wall.facts['session_ms'])),
    peak_mb: rounded(wall.peakMb, 0),
    torch_ms: rounded(wall.ms.torch),
    torch_cpu_ms: rounded(single.cpu.torch),
    torch_tuned_ms: rounded(wall.ms.tuned),
    torch_tuned_cpu_ms: rounded(single.cpu.tuned),
    ratio: over(wall.ms.ours, wall.ms.tuned),
    cpu_ratio: over(single.cpu.ours, single.cpu.tuned),
  };
}

function middle(values: number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor(sorted.length / 2)]! : null;
}

function rounded<T extends number | null>(value: T, digits = 1): T {
  return (value === null ? null : Number(value.toFixed(digits))) as T;
}
