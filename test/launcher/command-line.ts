import { type ChildProcess, spawn } from 'node:child_process';
import { programs } from './programs.ts';

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The command line as a real process. */
export function spawnTandem(args: string[], cwd: string, env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [programs.tandem, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Waits for the end of a process and gives what it wrote. */
export function finished(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

export function tandem(args: string[], cwd: string, env?: Record<string, string>): Promise<Finished> {
  return finished(spawnTandem(args, cwd, env));
}

/** Works on items a few at a time: the processes of a test share two cores. */
export async function eachOf<T>(
  items: T[],
  atATime: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = [...items];
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
    }),
  );
}
