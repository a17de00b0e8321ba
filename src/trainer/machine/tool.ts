import { execFile } from 'node:child_process';

/** A tool that has not answered by then is ended: drivers that are in trouble let nvidia-smi hang. */
const limitMs = 3000;

/** What a tool of the system prints; null where it is missing, fails or hangs. */
export function toolOutput(command: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { timeout: limitMs, killSignal: 'SIGKILL', maxBuffer: 1 << 22, windowsHide: true },
      (error, stdout) => resolve(error ? null : stdout),
    ).stdin?.end();
  });
}
