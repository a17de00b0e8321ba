import type { BadPicture } from './data/bad-pictures.ts';
import type { Checkpoint } from '../store/checkpoints.ts';
import type { Encoders } from './weights/prepare.ts';
import type { Journal } from './journal.ts';
import type { Progress } from './checkpoint.ts';
import type { TrainingData } from './training-data.ts';

/** Most names that a note lists. */
const listed = 100;

export interface Notes {
  /** What a person should know before the first step: rows left out, weights loaded, a damaged checkpoint passed over. */
  beginning(
    data: TrainingData,
    encoders: Encoders,
    checkpoint: Checkpoint | null,
    stepsPerEpoch: number,
  ): void;
  /** Pictures that could not be decoded: said when the first comes and at the end, when there are more. */
  badPictures(pictures: readonly BadPicture[], isLast: boolean): void;
}

export function createNotes(journal: Journal, progress: Progress): Notes {
  let said = 0;
  const note = (severity: 'info' | 'warning', code: string, message: string, items?: string[]): void =>
    journal.note({
      step: progress.step,
      severity,
      code,
      message,
      ...(items?.length ? { items: items.slice(0, listed) } : {}),
    });
  return {
    beginning({ pairs, train }, encoders, checkpoint, stepsPerEpoch) {
      if (checkpoint?.note) note('warning', 'damaged_checkpoint', checkpoint.note);
      for (const message of encoders.notes) note('info', 'weights', message);
      for (const message of pairs.notes) note('warning', 'data', message);
      if (pairs.badCount > 0)
        note(
          'warning',
          'bad_rows',
          `${pairs.badCount} of ${pairs.rows} rows cannot be used and were left out.`,
          pairs.bad.map(({ file, line, reason }) => `${file}${line === null ? '' : `:${line}`}: ${reason}`),
        );
      if (train.batchesPerEpoch !== stepsPerEpoch)
        note(
          'warning',
          'data_changed',
          `An epoch is ${train.batchesPerEpoch} steps now and was ${stepsPerEpoch} when the run was planned: the data has changed. ` +
            `The number of steps stays as planned.`,
        );
    },
    badPictures(pictures, isLast) {
      if (pictures.length === said || (said > 0 && !isLast)) return;
      said = pictures.length;
      note(
        'warning',
        'bad_pictures',
        `${pictures.length} ${pictures.length === 1 ? 'picture' : 'pictures'} could not be decoded; other pairs took their place.`,
        pictures.map(({ name, reason }) => `${name}: ${reason}`),
      );
    },
  };
}
