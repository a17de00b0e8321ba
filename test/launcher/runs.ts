import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunConfig } from '../../src/experiment/config.ts';
import type { TrainerProgram } from '../../src/launcher/trainer-program.ts';
import { createRun } from '../../src/store/run-folder.ts';
import { programs } from './programs.ts';

/** A new folder that looks like a project. */
export function projectFolder(): string {
  return mkdtempSync(join(tmpdir(), 'tandem-launcher-'));
}

/** A queued run of so many steps; the stand-in looks at nothing else of its config. */
export function queuedRun(project: string, steps = 20, name = 'stand-in'): Promise<string> {
  return createRun(join(project, '.tandem/runs'), {
    experiment: name,
    source: 'data: { pairs: pairs.csv }\n',
    config: { name, train: { steps } } as RunConfig,
    experimentPath: join(project, `${name}.tandem.yaml`),
  });
}

/** The stand-in trainer, ending in the way that is named. */
export function standIn(way: string, stepMs = 5): TrainerProgram {
  return {
    nodePath: process.execPath,
    trainerFile: programs.standIn,
    env: { STAND_IN: way, STAND_IN_MS: String(stepMs) },
  };
}
