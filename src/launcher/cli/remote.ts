import { resolve } from 'node:path';
import { trainThere } from '../ssh/train-there.ts';
import type { Context } from './context.ts';

/** `tandem remote RUN`: stands in the trainer's place for a run on another machine, and ends with its exit code. */
export async function remote(
  run: string,
  options: { queued?: boolean },
  { cwd, trainer }: Context,
): Promise<number> {
  return trainThere(resolve(cwd, run), trainer.trainerFile, options.queued === true);
}
