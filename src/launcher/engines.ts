import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type TrainerProgram, trainerEnvironment } from './trainer-program.ts';

/** What the trainer says of an engine on this machine. */
export interface EngineInfo {
  name: string;
  works: boolean;
  /** Why it does not work and what to install, or why it is the one to take. */
  reason?: string | null;
  versions?: Record<string, string>;
}

/** Asks the trainer which engines work here; native libraries are loaded in its process, never in ours. */
export async function listEngines(program: TrainerProgram): Promise<EngineInfo[]> {
  const { stdout } = await promisify(execFile)(program.nodePath, [program.trainerFile, '--engines'], {
    env: trainerEnvironment(program),
    timeout: 60_000,
    maxBuffer: 1 << 20,
  });
  return JSON.parse(stdout) as EngineInfo[];
}
