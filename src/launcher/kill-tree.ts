import { execFile } from 'node:child_process';
import { errorCode } from '../text/system-errors.ts';

/**
 * Ends a trainer and everything it started, at once. The caller has made sure that the pid is still the trainer's.
 * A trainer started here leads its own process group; one that a cluster started does not, and is killed alone.
 */
export async function killTree(pid: number): Promise<void> {
  if (process.platform === 'win32') {
    await new Promise<void>((resolve) =>
      execFile('taskkill', ['/pid', String(pid), '/T', '/F'], () => resolve()),
    );
    return;
  }
  if (!signal(-pid, 'SIGKILL')) signal(pid, 'SIGKILL');
}

/**
 * Asks a process to end in its own time; one that is suspended goes on for it. On Windows, where a signal would end it at
 * once, nothing is sent.
 */
export function askToEnd(pid: number): void {
  if (process.platform !== 'win32' && signal(pid, 'SIGTERM')) signal(pid, 'SIGCONT');
}

/** False when there is no such process or group, or it is not ours. */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ESRCH' || code === 'EPERM') return false;
    throw error;
  }
}
