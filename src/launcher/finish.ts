import type { EndStatus } from '../protocol/events.ts';
import { openEventWriter, readEvents } from '../store/events.ts';
import { claimRun, logFile, readRunFile, statusOf, updateRunFile } from '../store/run-folder.ts';
import { logTail, tellingLine } from './trainer-log.ts';

/** How a process ended: its exit code, or the signal that ended it. Both null: it never ran. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/**
 * Gives a run whose trainer is gone the end event that the trainer could not write: failed, with how it ended and the
 * most telling line of its log, unless another status or reason is given. Does nothing for a run that has ended or is
 * being written. True when an event was written.
 */
export async function finishRun(
  runDir: string,
  exit: Exit,
  reason?: string,
  status: EndStatus = 'failed',
): Promise<boolean> {
  const before = statusOf(await readRunFile(runDir));
  if (before !== 'interrupted' && before !== 'queued') return false;
  const claim = await claimRun(runDir).catch(() => null);
  // Another writer has it: the run is alive after all, or is being finished.
  if (!claim) return false;
  try {
    const events = await readEvents(runDir);
    const lastStart = events.findLastIndex((event) => event.kind === 'started');
    if (events.slice(lastStart + 1).some((event) => event.kind === 'ended')) return false;
    const step = events.reduce((last, event) => ('step' in event ? event.step : last), 0);
    const text = reason ?? endInWords(exit, await logTail(logFile(runDir)));
    const writer = await openEventWriter(runDir);
    writer.write({ kind: 'ended', time: Date.now(), step, status, reason: text });
    await writer.close();
    await updateRunFile(runDir, { status, reason: text });
    return true;
  } finally {
    await claim.release();
  }
}

/** One sentence what happened, one what to do. */
export function endInWords(exit: Exit, log: string[]): string {
  const line = tellingLine(log);
  const said = line === null ? '' : `: ${line.replace(/\.$/, '')}`;
  if (log.some((text) => /heap out of memory|bad_alloc|Failed to allocate memory/.test(text)))
    return `The trainer ran out of memory. Make train.batch_size or data.image_size smaller, then resume or restart the run.`;
  if (exit.signal === 'SIGKILL')
    return 'The trainer was killed (SIGKILL), as systems do when memory runs out. Resume goes on from the last checkpoint; with less memory, make train.batch_size smaller.';
  if (exit.signal !== null)
    return `The trainer was ended by ${exit.signal}${said}. Resume goes on from the last checkpoint; the log has the rest.`;
  return `The trainer ended with exit code ${exit.code ?? 'unknown'}${said}. The log has the rest; resume the run once the cause is gone.`;
}
