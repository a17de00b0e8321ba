import type { RunEvent } from '../../../src/protocol/events.ts';
import type { RunView } from '../../../src/protocol/panel.ts';
import type { RunFile } from '../../../src/protocol/run.ts';
import { appendColumns, emptyRunState, foldRun } from '../../../src/protocol/state.ts';
import { summaryOf } from '../../../src/protocol/summary.ts';
import type { RunState } from '../../../src/protocol/state.ts';

const startTime = Date.UTC(2026, 0, 5, 9, 30);

/** Small repeatable noise in [-1, 1]. */
export function noise(seed: number): () => number {
  let state = (seed * 2654435761 + 1) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

export interface FakeTraining {
  seed: number;
  steps: number;
  /** Steps written; the rest is still to come. */
  done?: number;
  rates: { image: number; text: number };
  /** Step at which the gradient stops being finite. */
  divergesAt?: number | undefined;
}

/** Events of a training that never was, shaped like a real one. */
export function fakeEvents(training: FakeTraining): RunEvent[] {
  const { seed, steps, done = steps, rates, divergesAt = Infinity } = training;
  const random = noise(seed);
  const fit = Math.exp(-((Math.log10(rates.image) + 3) ** 2) - 0.6 * (Math.log10(rates.text) + 4.7) ** 2);
  const events: RunEvent[] = [started(steps, 0, startTime)];
  for (let step = 1; step <= Math.min(done, steps); step++) {
    const time = startTime + step * 430;
    const part = step / steps;
    const schedule = Math.min(1, part / 0.05) * (0.5 + 0.5 * Math.cos(Math.PI * part));
    const loss = Math.log(64) * (0.35 + 0.65 * Math.exp(-3 * fit * part)) + 0.15 * random();
    const image = 2.5 * Math.exp(-2 * part) * Math.exp(0.5 * random()) * (rates.image / 1e-3) ** 0.3;
    const norms = { image, text: 0.4 * Math.exp(0.4 * random()), fusion: 0.9 * Math.exp(0.3 * random()) };
    if (step >= divergesAt) {
      events.push(stepEvent(step, time, NaN, { ...norms, image: NaN }, rates, schedule, 1));
      events.push({
        kind: 'skipped',
        time,
        step,
        branch: 'image',
        in_a_row: step - divergesAt + 1,
        last_finite_norm: norms,
      });
      if (step < divergesAt + 4) continue;
      const reason = `The image branch's gradient was not finite 5 steps in a row from step ${divergesAt} on. Lower optimizer.learning_rate.image, or lengthen the warmup.`;
      events.push({ kind: 'ended', time, step, status: 'diverged', reason });
      return events;
    }
    const total = Math.hypot(norms.image, norms.text, norms.fusion);
    events.push(stepEvent(step, time, loss, norms, rates, schedule, Math.min(1, 1 / total)));
    if (step % 45 === 0 || step === steps) {
      const recall = Math.min(0.95, 0.42 * fit * (1 - Math.exp(-4 * part)) + 0.01 * random() + 0.02);
      events.push(evalEvent(step, time, loss + 0.1, recall));
    }
    if (step % 180 === 0) events.push({ kind: 'checkpoint', time, step, best: step % 360 === 0 });
  }
  if (done >= steps)
    events.push({ kind: 'ended', time: startTime + steps * 430, step: steps, status: 'finished' });
  return events;
}

function started(steps: number, step: number, time: number): RunEvent {
  return {
    kind: 'started',
    time,
    step,
    steps,
    steps_per_epoch: 45,
    batch_size: 64,
    engine: 'onnx',
    provider: 'cpu',
    device: 'CPU',
    threads: 2,
    clip_norm: 1,
    train_pairs: 2880,
    val_pairs: 320,
  };
}

export function stepEvent(
  step: number,
  time: number,
  loss: number,
  norms: { image: number; text: number; fusion: number },
  rates: { image: number; text: number },
  schedule: number,
  clip: number,
): RunEvent {
  return {
    kind: 'step',
    time,
    step,
    metrics: {
      'train/loss': loss,
      'train/grad_norm/image': norms.image,
      'train/grad_norm/text': norms.text,
      'train/grad_norm/fusion': norms.fusion,
      'train/clip_factor': clip,
      'train/learning_rate/image': rates.image * schedule,
      'train/learning_rate/text': rates.text * schedule,
      'train/learning_rate/fusion': 1e-3 * schedule,
      'train/temperature': 0.1 - 0.03 * (step / 1000),
      'train/pairs_per_s': 148 + 8 * Math.sin(step / 9),
      'train/data_wait': 0.04 + 0.03 * Math.abs(Math.sin(step / 31)),
      'train/epoch': step / 45,
    },
  };
}

const guessing = (k: number) => ({ mean: k / 320, deviation: Math.sqrt(((k / 320) * (1 - k / 320)) / 640) });

function evalEvent(step: number, time: number, loss: number, recall: number): RunEvent {
  const at = (k: number, by: number): number => Math.min(0.99, recall * by * (1 + 0.1 * k));
  return {
    kind: 'eval',
    time,
    step,
    metrics: {
      'val/loss': loss,
      'val/recall@1': at(1, 0.4),
      'val/recall@5': at(5, 0.55),
      'val/recall@10': at(10, 0.5),
      'val/image_to_text/recall@10': at(10, 0.47),
      'val/text_to_image/recall@10': at(10, 0.53),
      'val/image_to_text/median_rank': Math.round(40 * (1 - recall)),
      'val/text_to_image/median_rank': Math.round(44 * (1 - recall)),
    },
    // 320 pairs, each image with one caption: k / 320 either way.
    chance: Object.fromEntries([
      ...[1, 5, 10].map((k) => [`val/recall@${k}`, guessing(k)]),
      ...['image_to_text', 'text_to_image'].map((way) => [`val/${way}/recall@10`, guessing(10)]),
      ['val/loss', { mean: Math.log(64), deviation: 0 }],
    ]),
  };
}

/** The panel's view of a run with these events. */
export function runOf(
  id: string,
  events: RunEvent[],
  more: Partial<RunView> & { training?: FakeTraining } = {},
): RunView {
  const state = foldRun(emptyRunState(), events);
  const status = state.ended?.status ?? 'running';
  const { training, ...view } = more;
  const settings: Record<string, unknown> = training
    ? {
        seed: training.seed,
        'data.image_size': 224,
        'train.batch_size': 64,
        'optimizer.learning_rate.image': training.rates.image,
        'optimizer.learning_rate.text': training.rates.text,
        'optimizer.clip_norm': 1,
      }
    : {};
  return {
    id,
    label: id,
    status,
    foreign: false,
    file: fileOf(id, state, status),
    settings,
    state,
    problem: null,
    ...view,
  };
}

function fileOf(id: string, state: RunState, status: RunFile['status']): RunFile {
  return {
    id,
    experiment: 'emoji',
    experiment_path: 'emoji.tandem.yaml',
    sweep: null,
    settings: {},
    config_hash: '0'.repeat(64),
    git_commit: null,
    data: null,
    versions: {},
    created: startTime,
    status,
    process: null,
    starter: null,
    heartbeat: null,
    engine: null,
    step: state.step,
    steps: state.started?.steps ?? 0,
    trained_ms: null,
    memory: null,
    reason: state.ended?.reason ?? null,
    summary: summaryOf(state),
    findings: state.findings,
    title: null,
    note: null,
    rungs: [],
    starred: false,
    tags: [],
    colour: null,
    job: null,
    remote: null,
  };
}

/** Nine settings of a sweep (three image rates, three text rates), some seeds each; the fastest image rate diverges. */
export function fakeSweep(seeds: number, steps = 300): RunView[] {
  const runs: RunView[] = [];
  const count = 9 * seeds;
  for (const image of [3e-4, 1e-3, 1e-2])
    for (const text of [2e-6, 2e-5, 2e-4])
      for (let seed = 0; seed < seeds; seed++) {
        const divergesAt = image === 1e-2 && text === 2e-4 ? 120 + 10 * seed : undefined;
        const training = { seed, steps, rates: { image, text }, divergesAt };
        const id = `20260105-emoji-${String(runs.length).padStart(4, '0')}`;
        const seeded = { ...training, seed: seed + 10 * runs.length };
        const run = runOf(id, fakeEvents(seeded), { training });
        run.label = `image ${image.toExponential()}, text ${text.toExponential()}, seed ${seed}`;
        run.file!.sweep = { id: 'sweep-1', index: runs.length, count };
        runs.push(run);
      }
  return runs.reverse();
}

/** A run of `steps` steps and `count` series, made column by column. */
export function longRun(id: string, steps: number, count: number, seed = 1): RunView {
  const state = emptyRunState();
  const random = noise(seed);
  const names = [
    'train/loss',
    'train/grad_norm/image',
    'train/grad_norm/text',
    'train/grad_norm/fusion',
    'train/learning_rate/image',
    'train/pairs_per_s',
  ].slice(0, count);
  const column = Float64Array.from({ length: steps }, (_, i) => i + 1);
  const times = Float64Array.from({ length: steps }, (_, i) => startTime + i * 40);
  for (const name of names) {
    const values = Float64Array.from(
      { length: steps },
      (_, i) => 1 + 3 * Math.exp((-4 * i) / steps) + 0.4 * random(),
    );
    // Curves of one trainer share their steps and times, as the readers of runs leave them.
    state.series.set(name, {
      length: steps,
      steps: column,
      times,
      values,
      superseded: 0,
      shared: name !== names[0],
    });
  }
  state.started = { ...(started(steps, 0, startTime) as RunState['started'] & object) };
  state.step = steps;
  state.time = times[steps - 1]!;
  return {
    id,
    label: id,
    status: 'finished',
    foreign: false,
    file: fileOf(id, emptyRunState(), 'finished'),
    settings: {},
    state,
    problem: null,
  };
}

/** Runs of a sweep as large as wanted, called `<name> <number>`; their curves come again after 54. */
export function manyOf(name: string, count: number): RunView[] {
  const sweep = fakeSweep(6);
  return Array.from({ length: count }, (_, i) => {
    const run = sweep[i % sweep.length]!;
    const id = `${run.id}-${name}-${i}`;
    const file = { ...run.file!, id, created: 1e12 + i, sweep: { id: name, index: i, count } };
    return { ...run, id, label: `${name} ${i}`, file };
  });
}

/** A log of another program: metrics named as its writer liked, `tags` of them. */
export function foreignLog(id: string, tags: number, steps = 200): RunView {
  const state = emptyRunState();
  const random = noise(7);
  const groups = ['encoder', 'decoder', 'optim', 'gradients', 'activations', 'sys'];
  const names = Array.from({ length: tags }, (_, i) =>
    i === 0 ? 'accuracy' : `${groups[i % groups.length]}/layer${Math.floor(i / groups.length)}/norm`,
  );
  const column = Float64Array.from({ length: steps }, (_, i) => i * 10);
  const times = Float64Array.from({ length: steps }, (_, i) => startTime + i * 1000);
  for (const name of names) {
    const values = Float64Array.from({ length: steps }, (_, i) => Math.exp(-i / steps) + 0.05 * random());
    appendColumns(state, name, column, times, values);
  }
  state.step = column[steps - 1]!;
  state.time = times[steps - 1]!;
  const view = { id, label: id, status: 'log', settings: {}, problem: null } as const;
  return { ...view, foreign: true, file: null, state };
}
