import { createHash } from 'node:crypto';
import type { EvalEvent, RunEvent, StepEvent } from '../../src/protocol/events.ts';
import type { Checkpoint } from '../../src/store/checkpoints.ts';

const wallClock = new Set(['train/pairs_per_s', 'train/data_wait']);

/** What the steps and evaluations that count have measured: those of an earlier trainer that were done again are left out. */
export function measurements(events: RunEvent[]): object[] {
  let standing: (StepEvent | EvalEvent)[] = [];
  for (const event of events) {
    if (event.kind === 'started') standing = standing.filter((other) => other.step <= event.step);
    else if (event.kind === 'step' || event.kind === 'eval') standing.push(event);
  }
  return standing.map(({ kind, step, metrics }) => ({ kind, step, metrics: withoutClock(metrics) }));
}

/** Values by metric, without what the clock decides. */
export function withoutClock<T>(values: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !wallClock.has(name)));
}

/** A digest of a checkpoint's weights and moments, bit by bit. */
export function digestOf({ model, optimizer }: Checkpoint): string {
  const hash = createHash('sha256');
  for (const tensors of [model, optimizer])
    for (const name of Object.keys(tensors).sort()) {
      const { buffer, byteOffset, byteLength } = tensors[name]!.data;
      hash.update(name).update(new Uint8Array(buffer, byteOffset, byteLength));
    }
  return hash.digest('hex');
}
