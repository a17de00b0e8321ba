import { open } from 'node:fs/promises';
import type { RunFile } from '../protocol/run.ts';
import { isTraining } from '../protocol/run-status.ts';
import { emptyRunState, foldRun } from '../protocol/state.ts';
import { isMissing } from '../text/system-errors.ts';
import { eventsOf } from './events.ts';
import { asHuman } from './files.ts';
import { layout } from './layout.ts';
import { statusOf } from './status.ts';

/**
 * A run's file with the step that its events came to. A trainer that was killed could not bring its last steps to run.json,
 * which is rewritten every two seconds; of all other runs it is right.
 */
export async function withLastStep(dir: string, file: RunFile): Promise<RunFile> {
  if (!isTraining(file.status) || statusOf(file) !== 'interrupted') return file;
  const step = await lastStep(layout.events(dir));
  return step === null ? file : { ...file, step };
}

/** The step at the end of an events file, from its last lines; null when no event is there. */
async function lastStep(file: string): Promise<number | null> {
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
        if (events.length) return foldRun(emptyRunState(), events).step;
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
