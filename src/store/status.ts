import type { RunStatus } from '../protocol/events.ts';
import type { RunFile } from '../protocol/run.ts';
import { isTraining } from '../protocol/run-status.ts';
import { isAlive } from './process-identity.ts';

/** A trainer that cannot be asked (another host) counts as gone after this long without a heartbeat. */
export const heartbeatLimitMs = 60_000;

/**
 * How a run stands: what its writer last said, unless the writer is gone without an end, or for a queued run the command
 * that was to start it; then `interrupted`.
 */
export function statusOf(file: RunFile, now: number = Date.now()): RunStatus {
  if (file.status === 'queued' && file.starter && isAlive(file.starter) === false) return 'interrupted';
  if (!isTraining(file.status)) return file.status;
  const alive = file.process ? isAlive(file.process) : undefined;
  if (alive ?? now - (file.heartbeat ?? file.created) <= heartbeatLimitMs) return file.status;
  return 'interrupted';
}
