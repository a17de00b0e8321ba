import { createHash } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import type { Launcher } from '../../experiment/config.ts';
import { quoted } from '../shell.ts';
import type { Machine } from './machine.ts';

/** Where a run is on another machine. */
export interface Place {
  /** The project's folder there. */
  project: string;
  /** The run folder there. */
  run: string;
}

/** Folder that holds `.tandem`: `<project>/.tandem/runs/<id>`. */
export const projectOf = (runDir: string): string => dirname(dirname(dirname(resolve(runDir))));

/** Makes the folder of a project's copy and answers where its run is; projects of one name are told apart by where they are here. */
export async function placeThere(machine: Machine, folder: string, runDir: string): Promise<Place> {
  const project = projectOf(runDir);
  const mark = createHash('sha256').update(project).digest('hex').slice(0, 8);
  // ~ is the home folder there.
  const inHome = /^~(\/|$)/.test(folder);
  const name = quoted(
    join(inHome ? folder.slice(2) : folder, `${basename(project)}-${mark}`, '.tandem/runs'),
  );
  const printed = await machine.run(`cd && mkdir -p ${name} && cd ${name} && pwd -P`);
  const runs = printed.trim().split('\n').at(-1)!;
  return { project: dirname(dirname(runs)), run: `${runs}/${basename(runDir)}` };
}

/** The line that becomes the trainer there, after modules and set-up. */
export function trainerLine(
  { modules, setup, node, tandem }: Launcher,
  runDir: string,
  trainerFile: string,
): string {
  const file = tandem === null ? quoted(trainerFile) : `${inShell(tandem)}/dist/trainer.js`;
  return [
    ...(modules === null ? [] : [`module load ${modules} || exit 1`]),
    ...(setup === null ? [] : [setup.trimEnd()]),
    `exec ${node === null ? 'node' : inShell(node)} ${file} ${quoted(runDir)}`,
  ].join('\n');
}

/** A path as a word of the shell, in which a leading ~ still is the home folder. */
const inShell = (path: string): string =>
  path.startsWith('~/') ? `~/${quoted(path.slice(2))}` : quoted(path);
