import { endingOf } from '../protocol/ending.ts';
import { englishOf, said, type Said } from '../text/say.ts';
import type { RunConfig } from '../experiment/config.ts';
import type {
  EndStatus,
  EvalEvent,
  NoteEvent,
  PreparingEvent,
  RunFinding,
  StepEvent,
  SystemEvent,
} from '../protocol/events.ts';
import type { MetricSummary } from '../protocol/run.ts';
import type { RunMemory } from '../protocol/run-memory.ts';
import { summarise } from '../protocol/summary.ts';
import type { Claim } from '../store/claim.ts';
import { openEventWriter } from '../store/events.ts';
import { readRunFile, updateRunFile } from '../store/run-folder.ts';
import { openTensorBoardWriter } from '../store/tensorboard/write.ts';
import type { Engine } from './engines/engine.ts';
import type { Evaluation } from './evaluation/evaluate.ts';

/** How often run.json is rewritten while nothing but the step changes. */
const heartbeatMs = 2000;

/** Says what happens in a run: events, the TensorBoard file and run.json, which hold the same. */
export interface Journal {
  summary: Record<string, MetricSummary>;
  /** What the run was expected to take when it was planned. */
  memory: RunMemory | null;
  step(step: number, metrics: Record<string, number>): Promise<void>;
  evaluated(step: number, evaluation: Evaluation): void;
  /** What was sampled of the machine; nothing once the run has ended. */
  system(sample: Omit<SystemEvent, 'kind'>): void;
  checkpoint(step: number, best: boolean): void;
  skipped(step: number, branch: string, inARow: number, lastFiniteNorm: Record<string, number>): void;
  /** How far is what comes before the first step; also a sign of life. */
  preparing(event: Omit<PreparingEvent, 'kind' | 'time'>): Promise<void>;
  note(note: Pick<NoteEvent, 'step' | 'severity' | 'code' | 'items'> & { message: string | Said }): void;
  finding(finding: RunFinding): void;
  /** Brings events to the disk: before a checkpoint that they belong to. */
  flush(): Promise<void>;
  /** The last word; closes everything. A run that goes on when its trainer is started again waits in the queue from then on. */
  end(step: number, status: EndStatus, reason: Said | null, goesOn?: boolean): Promise<void>;
}

export interface Beginning {
  step: number;
  summary: Record<string, MetricSummary>;
  trainPairs: number;
  valPairs: number;
  stepsPerEpoch: number;
  /** What was said of the steps before. */
  findings: RunFinding[];
  /** Fingerprint of the data. */
  data: string;
}

/** What is said before the journal can be opened. */
export interface BeforeJournal {
  preparing(event: Omit<PreparingEvent, 'kind' | 'time' | 'step'>): void;
  close(): Promise<void>;
}

export async function openBeforeJournal(dir: string): Promise<BeforeJournal> {
  const { step } = await readRunFile(dir);
  const events = await openEventWriter(dir);
  return {
    preparing: (event) => events.write({ kind: 'preparing', time: Date.now(), step, ...event }),
    close: () => events.close(),
  };
}

/** Opens the run's files and says `started`. */
export async function openJournal(
  dir: string,
  claim: Claim,
  config: RunConfig,
  engine: Engine,
  beginning: Beginning,
): Promise<Journal> {
  const { name, provider, device, threads, why } = engine;
  const timings = engine.measured.length > 0 ? { measured: engine.measured } : {};
  const resumed = claim.number > 1;
  const events = await openEventWriter(dir);
  const board = await openTensorBoardWriter(dir, resumed ? { resumedAt: beginning.step } : {});
  const summary = { ...beginning.summary };
  const findings = [...beginning.findings];
  let writtenAt = performance.now();
  let hasEnded = false;

  const { trained_ms: trainedBefore, memory } = await readRunFile(dir);
  const began = performance.now();

  const standing = (step: number) => ({
    step,
    summary,
    findings,
    heartbeat: Date.now(),
    // Of a run that an earlier version began, the time until now is not known.
    trained_ms: trainedBefore === null ? null : trainedBefore + Math.floor(performance.now() - began),
  });
  const record = (event: StepEvent | EvalEvent | SystemEvent): void => {
    events.write(event);
    board.scalars(event.step, event.time, event.metrics);
  };
  const measured = (event: StepEvent | EvalEvent): void => {
    const { step, metrics } = event;
    record(event);
    for (const metric in metrics)
      summary[metric] = summarise(metric, metrics[metric]!, step, summary[metric]);
  };

  const note: Journal['note'] = ({ message, ...rest }) =>
    events.write({
      kind: 'note',
      time: Date.now(),
      ...rest,
      message: englishOf(message),
      ...(typeof message !== 'string' && { said: { message } }),
    });

  events.write({
    kind: 'started',
    time: Date.now(),
    step: beginning.step,
    steps: config.train.steps,
    steps_per_epoch: beginning.stepsPerEpoch,
    batch_size: config.train.batch_size,
    engine: name,
    provider,
    device,
    threads,
    ...timings,
    clip_norm: config.optimizer.clip_norm,
    loss: config.loss.kind,
    train_pairs: beginning.trainPairs,
    val_pairs: beginning.valPairs,
  });
  if (events.isNew && beginning.step > 0)
    note({
      step: beginning.step,
      severity: 'warning',
      code: 'events_missing',
      message: said(
        'The events of the steps up to {0} are not there any more: events.jsonl was deleted or emptied. The training goes on from its checkpoint; the curves begin here.',
        beginning.step,
      ),
    });
  await updateRunFile(dir, {
    ...standing(beginning.step),
    engine: { name, provider, device, threads, why, ...timings },
    data: beginning.data,
    steps: config.train.steps,
  });

  return {
    summary,
    memory,
    async step(step, metrics) {
      measured({ kind: 'step', time: Date.now(), step, metrics });
      if (performance.now() - writtenAt < heartbeatMs) return;
      writtenAt = performance.now();
      await updateRunFile(dir, standing(step));
    },
    evaluated(step, { metrics, chance }) {
      measured({ kind: 'eval', time: Date.now(), step, metrics, chance });
      for (const metric in chance) if (summary[metric]) summary[metric].chance = chance[metric]!;
    },
    system(sample) {
      if (hasEnded) return;
      try {
        record({ kind: 'system', ...sample });
      } catch {
        // A disk that is full: the training's own events say so, and the run then ends with that reason.
      }
    },
    checkpoint: (step, best) => events.write({ kind: 'checkpoint', time: Date.now(), step, best }),
    skipped: (step, branch, inARow, lastFiniteNorm) =>
      events.write({
        kind: 'skipped',
        time: Date.now(),
        step,
        branch,
        in_a_row: inARow,
        last_finite_norm: lastFiniteNorm,
      }),
    async preparing(event) {
      events.write({ kind: 'preparing', time: Date.now(), ...event });
      await updateRunFile(dir, standing(event.step));
    },
    note,
    finding(finding) {
      findings.push(finding);
      events.write({ kind: 'finding', time: Date.now(), ...finding });
    },
    async flush() {
      await events.flush();
      await board.flush();
    },
    async end(step, status, reason, goesOn = false) {
      // What an earlier write had no room for comes first; until then the writer takes no more.
      await events.flush();
      hasEnded = true;
      events.write({ kind: 'ended', time: Date.now(), step, status, ...endingOf(reason) });
      await events.close();
      await board.close();
      const end = goesOn ? ({ status: 'queued', process: null } as const) : { status };
      await updateRunFile(dir, { ...standing(step), ...end, reason: null, ...endingOf(reason) });
    },
  };
}
