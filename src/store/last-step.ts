import { open } from 'node:fs/promises';
import type { RunFile } from '../protocol/run.ts';
import { isTraining } from '../protocol/run-status.ts';
import { emptyRunState, foldRun, type RunState } from '../protocol/state.ts';
import { isBetter, summaryOf } from '../protocol/summary.ts';
import { isMissing } from '../text/system-errors.ts';
import { eventsOf } from './events.ts';
import { asHuman } from './files.ts';
import { layout } from './layout.ts';
import { statusOf } from './status.ts';

/**
 * A run's file with the step that its events came to, and the values of the last ones. A trainer that was killed could not bring its last steps to run.json,
 * which is rewritten every two seconds; of all other runs it is right.
 */
export async function withLastStep(dir: string, file: RunFile): Promise<RunFile> {
  if (!isTraining(file.status) || statusOf(file) !== 'interrupted') return file;
  const state = await lastEvents(layout.events(dir));
  return state ? { ...file, step: state.step, summary: brought(file.summary, summaryOf(state)) } : file;
}

/** The summary of a run as it was written, brought up to what came last. */
function brought(written: RunFile['summary'], last: RunFile['summary']): RunFile['summary'] {
  const summary = { ...written };
  for (const [name, late] of Object.entries(last)) {
    const early = written[name];
    const isBest = !early || isBetter(name, late.best, early.best);
    summary[name] = {
      ...late,
      ...early,
      last: late.last,
      ...(isBest && { best: late.best, best_step: late.best_step }),
    };
  }
  return summary;
}

/** What the last lines of an events file say; null when no event is there. */
async function lastEvents(file: string): Promise<RunState | null> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      // Nearly always the first piece has some lines; of very long ones a larger piece does.
      for (let length = Math.min(size, 1 << 16); length > 0; length = Math.min(size, 4 * length)) {
        const piece = Buffer.alloc(length);
        const { bytesRead } = await handle.read(piece, 0, length, size - length);
        const lines = piece.subarray(length < size ? piece.indexOf(10) + 1 : 0, bytesRead);
        const events = eventsOf(lines);
        if (events.length) return foldRun(emptyRunState(), events);
        if (length === size) return null;
      }
      return null;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMissing(error)) return null;
    throw asHuman(error, file);
  }
}
