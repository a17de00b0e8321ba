import { dirname, join } from 'node:path';
import type { RunFile } from '../../protocol/run.ts';
import type { TrainerProgram } from '../trainer-program.ts';

/** What trains a run: the trainer itself, or for a run on another machine a program that starts it there and keeps the folder here up to date. */
export function programOf({ remote }: RunFile, program: TrainerProgram): TrainerProgram {
  if (remote === null) return program;
  return { ...program, trainerFile: join(dirname(program.trainerFile), 'tandem.js'), args: ['remote'] };
}
