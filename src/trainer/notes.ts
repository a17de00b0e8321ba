import type { RunConfig } from '../experiment/config.ts';
import type { Checkpoint } from '../store/checkpoints.ts';
import { changeOfData } from '../data/fingerprint.ts';
import { englishOf, said, type Said } from '../text/say.ts';
import { saidPlural } from '../text/words.ts';
import type { Engine } from './engines/engine.ts';
import { longRun } from './long-run.ts';
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
    before: { stepsPerEpoch: number; data: string | null },
  ): void;
  /**
   * Images that could not be decoded: said when the first comes and at the end, when there are more; and that decoded
   * ones cannot be kept on the disk.
   */
  images(data: TrainingData, isLast: boolean): void;
  /** Operators of the step that the engine's device leaves to the processor: said when the first are compiled, and when more are. */
  leftToProcessor(engine: Pick<Engine, 'provider' | 'leftToProcessor'>): void;
  /** That the run will take very long: said once, from the fastest of the first steps. */
  pace(stepMs: number, config: RunConfig, engine: Engine): void;
}

const dataChanged = {
  pairs: said(
    'The pairs are not those of the checkpoint: their file was changed. From here on the run is not what it would have been without the stop.',
  ),
  images: said(
    'Images were replaced since the checkpoint: some of their files have another size. From here on the run is not what it would have been without the stop.',
  ),
  times: said(
    'Files of images have other times of change than at the checkpoint, and the same sizes: they were copied, or their contents replaced. If they were replaced, the run is not what it would have been without the stop.',
  ),
};

/** Steps before a run's pace is judged: the first compile what later ones use again. */
const firstSteps = 4;

export function createNotes(journal: Journal, progress: Progress): Notes {
  let saidBad = 0;
  let saidCache = false;
  let saidLeft = 0;
  let steps = 0;
  let fastestMs = Infinity;
  const note = (severity: 'info' | 'warning', code: string, message: string | Said, items?: string[]): void =>
    journal.note({
      step: progress.step,
      severity,
      code,
      message,
      ...(items?.length ? { items: items.slice(0, listed) } : {}),
    });
  return {
    beginning({ pairs, train, fingerprint }, encoders, checkpoint, before) {
      if (checkpoint?.note) note('warning', 'damaged_checkpoint', checkpoint.note);
      for (const message of encoders.notes) note('info', 'weights', message);
      for (const message of pairs.notes) note('warning', 'data', message);
      if (pairs.badCount > 0)
        note(
          'warning',
          'bad_rows',
          said('{0} of {1} rows cannot be used and were left out.', pairs.badCount, pairs.rows),
          pairs.bad.map(({ file, line, reason }) => `${file}${line === null ? '' : `:${line}`}: ${reason}`),
        );
      const change = before.data === null ? null : changeOfData(before.data, fingerprint);
      if (change) note('warning', 'data_changed', dataChanged[change]);
      if (train.batchesPerEpoch !== before.stepsPerEpoch)
        note(
          'warning',
          'data_changed',
          said(
            'An epoch is {0} steps now and was {1} when the run was planned: the data has changed. The number of steps stays as planned.',
            train.batchesPerEpoch,
            before.stepsPerEpoch,
          ),
        );
    },
    images({ train, validation }, isLast) {
      const problem = train.cacheProblem() ?? validation?.images.cacheProblem() ?? null;
      if (problem !== null && !saidCache) {
        saidCache = true;
        note(
          'warning',
          'cache_problem',
          said(
            'Decoded images are not kept on the disk ({0}): each pass decodes them anew. Make room, or set data.cache_dir to a folder that may be written.',
            problem,
          ),
        );
      }
      const bad = new Map<string, string>();
      for (const { name, reason } of [...train.badImages, ...(validation?.images.badImages ?? [])])
        bad.set(name, reason);
      if (bad.size === saidBad || (saidBad > 0 && !isLast)) return;
      saidBad = bad.size;
      note(
        'warning',
        'bad_pictures',
        bad.size === 1
          ? said('1 image could not be decoded and is left out.')
          : said('{0} images could not be decoded and are left out.', bad.size),
        [...bad].map(([name, reason]) => `${name}: ${reason}`),
      );
    },
    leftToProcessor({ provider, leftToProcessor: left }) {
      const count = [...left.values()].reduce((sum, times) => sum + times, 0);
      if (count <= saidLeft) return;
      saidLeft = count;
      const names = [...left].map(([operator, times]) => `${times} x ${operator}`);
      const message = said(
        'The provider {0} leaves {1} of this model to the processor ({2}): what they work on crosses the bus at each step.',
        provider ?? '',
        saidPlural(count, '{0} operator', '{0} operators'),
        names.join(', '),
      );
      console.log(englishOf(message));
      note('warning', 'left_to_processor', message);
    },
    pace(stepMs, config, engine) {
      fastestMs = Math.min(fastestMs, stepMs);
      if (++steps !== firstSteps) return;
      const message = longRun(fastestMs, config.train.steps - progress.step, engine, config);
      if (message) note('warning', 'long_run', message);
    },
  };
}
