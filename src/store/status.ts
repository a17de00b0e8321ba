import type { RunStatus } from '../protocol/events.ts';
import type { RunFile } from '../protocol/run.ts';
import { isTraining } from '../protocol/run-status.ts';
import { isAlive } from './process-identity.ts';

/** A trainer that cannot be asked (another host) counts as gone after this long without a heartbeat. */
export const heartbeatLimitMs = 60_000;

/** A clock that never goes back. */
const clock = (): number => performance.timeOrigin + performance.now();

/**
 * How a run stands: what its writer last said, unless the writer is gone without an end, or for a queued run the command
 * that was to start it; then `interrupted`.
 */
export function statusOf(file: RunFile, now: number = clock()): RunStatus {
  if (file.status === 'queued' && file.starter && isAlive(file.starter) === false) return 'interrupted';
  if (!isTraining(file.status)) return file.status;
  const alive = file.process ? isAlive(file.process) : undefined;
  return (alive ?? isBeating(file, now)) ? file.status : 'interrupted';
}

/** Heartbeats of runs whose process cannot be asked, by run and process: the last one, and when it was first seen here. */
const seen = new Map<string, { beat: number; at: number; hasChanged: boolean }>();

/**
 * Another machine's clock says little about when a heartbeat was. One that changes between two looks is a sign of life
 * whatever it says; only the first look has nothing but the clocks to go by.
 */
function isBeating({ id, heartbeat, created, process }: RunFile, now: number): boolean {
  const beat = heartbeat ?? created;
  const key = `${id} ${process?.host} ${process?.start_time}`;
  let last = seen.get(key);
  if (last?.beat !== beat) seen.set(key, (last = { beat, at: now, hasChanged: last !== undefined }));
  return now - last.at <= heartbeatLimitMs && (last.hasChanged || now - beat <= heartbeatLimitMs);
}
