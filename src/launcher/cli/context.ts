import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TrainerProgram } from '../trainer-program.ts';

/** Where a command was called and what trains. */
export interface Context {
  cwd: string;
  trainer: TrainerProgram;
}

export function here(): Context {
  return {
    cwd: callersFolder(),
    trainer: {
      nodePath: process.execPath,
      // TANDEM_TRAINER lets another build of the trainer, or a test's stand-in, take its place.
      trainerFile:
        process.env['TANDEM_TRAINER'] ?? join(dirname(fileURLToPath(import.meta.url)), 'trainer.js'),
    },
  };
}

/** npm runs scripts in the package's folder and says in INIT_CWD where it was called. */
function callersFolder(): string {
  const fromNpm = process.env['npm_lifecycle_event'] === 'tandem' ? process.env['INIT_CWD'] : undefined;
  return resolve(fromNpm ?? process.cwd());
}
