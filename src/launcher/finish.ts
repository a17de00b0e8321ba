import { totalmem } from 'node:os';
import { said, type Said } from '../text/say.ts';
import { endingOf } from '../protocol/ending.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndStatus } from '../protocol/events.ts';
import { HumanError } from '../protocol/human-error.ts';
import { memoryBytes, outOfMemory, type RunMemory } from '../protocol/run-memory.ts';
import { emptyRunState, foldRun } from '../protocol/state.ts';
import { summaryOf } from '../protocol/summary.ts';
import type { Claim } from '../store/claim.ts';
import { openEventWriter, readEvents } from '../store/events.ts';
import {
  claimRun,
  logFile,
  readRunFile,
  statusOf,
  stopRequested,
  updateRunFile,
} from '../store/run-folder.ts';
import { byteSize } from '../text/numbers.ts';
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
  reason?: Said,
  status: EndStatus = 'failed',
): Promise<boolean> {
  const claim = await claimOfEnded(runDir);
  if (!claim) return false;
  try {
    const file = await readRunFile(runDir);
    const state = foldRun(emptyRunState(), await readEvents(runDir));
    const standing = state.started ? { step: state.step, summary: summaryOf(state) } : { step: file.step };
    if (state.ended && file.status !== 'queued') {
      // The trainer's own last word, which it could not bring to run.json any more.
      const { status, reason = null, said: kept } = state.ended;
      await updateRunFile(runDir, { status, ...(kept ? endingOf(kept.reason) : { reason }), ...standing });
      return false;
    }
    const wasAsked = reason === undefined && exit.signal === 'SIGKILL' && (await stopRequested(runDir));
    const log = await logTail(logFile(runDir));
    const finding =
      wasAsked || reason !== undefined ? null : shortOfMemory(exit, log, standing.step, file.memory);
    const end = wasAsked
      ? { status: 'stopped' as const, ...endingOf(endedAtOnce) }
      : { status, ...endingOf(reason ?? endInWords(exit, log, finding)) };
    const time = Date.now();
    const writer = await openEventWriter(runDir);
    if (finding) writer.write({ kind: 'finding', time, ...finding });
    writer.write({ kind: 'ended', time, step: standing.step, ...end });
    await writer.close();
    await updateRunFile(runDir, {
      ...end,
      ...standing,
      ...(finding && { findings: [...file.findings, finding] }),
    });
    return true;
  } finally {
    await claim.release();
  }
}

/** Of a run that was ended on purpose, before its trainer could save. */
export const endedAtOnce = said(
  'Ended at once, without a last checkpoint. Resume goes on from the one before.',
);

/** The right to write a run whose trainer is gone; null when it has ended or is alive after all. */
async function claimOfEnded(runDir: string): Promise<Claim | null> {
  for (;;) {
    const status = statusOf(await readRunFile(runDir));
    if (status !== 'interrupted' && status !== 'queued') return null;
    try {
      const claim = await claimRun(runDir);
      if (statusOf(await readRunFile(runDir)) === status) return claim;
      await claim.release();
    } catch (error) {
      // A trainer takes up the queued run, or the folder takes no more: then the status is found from the process.
      if (status === 'queued' || !(error instanceof HumanError && error.code === 'run_busy')) return null;
      // Another is writing the end, or takes the run up again: either is done soon, or dies.
      await sleep(20);
    }
  }
}

type OutOfMemory = ReturnType<typeof outOfMemory>;

/** A trainer that V8 or C++ ended because they could not have more, or that the system killed while it may well have taken the most. */
function shortOfMemory(
  { signal }: Exit,
  log: string[],
  step: number,
  memory: RunMemory | null,
): OutOfMemory | null {
  if (log.some((text) => /heap out of memory|bad_alloc|Failed to allocate memory/.test(text)))
    return outOfMemory(step, memory);
  const expected = memory ? memoryBytes(memory, false) : 0;
  if (signal !== 'SIGKILL' || expected < totalmem() / 2) return null;
  return outOfMemory(
    step,
    memory,
    said(
      'The trainer was killed (SIGKILL), as systems do when memory runs out: it was expected to take about {0} of {1}.',
      byteSize(expected),
      byteSize(totalmem()),
    ),
  );
}

/** One sentence what happened, one what to do. */
function endInWords(exit: Exit, log: string[], finding: OutOfMemory | null): Said {
  if (finding) return said('{0} {1}', finding.said.message, finding.said.advice);
  const line = tellingLine(log);
  const lastWords = line === null ? '' : said(': {0}', line.replace(/\.$/, ''));
  if (exit.signal === 'SIGKILL')
    return said(
      'The trainer was killed (SIGKILL), as systems do when memory runs out. Resume goes on from the last checkpoint; with less memory, restart it with train.micro_batch, a part of the batch.',
    );
  if (exit.signal !== null)
    return said(
      'The trainer was ended by {0}{1}. Resume goes on from the last checkpoint; the log has the rest.',
      exit.signal,
      lastWords,
    );
  return said(
    'The trainer ended with exit code {0}{1}. The log has the rest; resume the run once the cause is gone.',
    exit.code ?? said('unknown'),
    lastWords,
  );
}
