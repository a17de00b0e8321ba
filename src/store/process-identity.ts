import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process that a pid alone does not name: pids are used again, and mean nothing on another machine. */
export interface ProcessIdentity {
  pid: number;
  /** `<start>@<place>`: the start in the system's own unit; the place is a boot of a machine or a container's pid namespace. */
  start_time: string;
  host: string;
}

/** This process. */
export function ownProcess(): ProcessIdentity {
  return (own ??= identityOf(process.pid) ?? {
    pid: process.pid,
    start_time: `?@${place()}`,
    host: hostname(),
  });
}
let own: ProcessIdentity | undefined;

/** A process of this machine by its pid; null when there is none (a dead one that its parent has not noticed counts as none). */
export function identityOf(pid: number): ProcessIdentity | null {
  const start = startOf(pid);
  return start === null ? null : { pid, start_time: `${start}@${place()}`, host: hostname() };
}

/** Whether it is alive; undefined when it cannot be told from here (another host, another boot or container). */
export function isAlive(identity: ProcessIdentity): boolean | undefined {
  const start = startHere(identity);
  if (start === undefined) return undefined;
  const now = startOf(identity.pid);
  if (now === null) return false;
  return now === start || start === '?' || now === '?';
}

/**
 * Whether this very process is alive here: what a signal may be sent to. False also where the system does not say when a
 * process started, since then another one may have the pid by now.
 */
export function isCertainlyAlive(identity: ProcessIdentity): boolean {
  const start = startHere(identity);
  if (start === undefined || start === '?') return false;
  starts.delete(identity.pid);
  return startOf(identity.pid) === start;
}

/** The start that an identity claims; undefined for one of another host, boot or container, and for what no process can have. */
function startHere({ pid, start_time, host }: ProcessIdentity): string | undefined {
  if (!Number.isInteger(pid) || pid <= 0 || typeof start_time !== 'string') return undefined;
  const [start, where] = split(start_time);
  return host === hostname() && where === place() ? start : undefined;
}

/** Start of a live process as text; null when there is none, `?` when the system does not say. */
function startOf(pid: number): string | null {
  if (process.platform === 'linux') return startFromProc(pid);
  if (!answers(pid)) return null;
  const known = starts.get(pid);
  if (known && Date.now() - known.asked < 30_000) return known.start;
  const start = process.platform === 'win32' ? startFromPowerShell(pid) : startFromPs(pid);
  if (start !== null) starts.set(pid, { start, asked: Date.now() });
  return start;
}

/** Asking another program takes 10 to 500 ms: its answer is kept for a while as long as the pid goes on answering. */
const starts = new Map<number, { start: string; asked: number }>();

function startFromProc(pid: number): string | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null; // No such process: that is the answer.
  }
  // The name in brackets may hold spaces and brackets itself; the state is the first field after it, the start the 20th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  return fields[19] ?? '?';
}

function startFromPs(pid: number): string | null {
  const { status, stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  if (status === null) return '?';
  const line = stdout.trim();
  if (line === '' || line.startsWith('Z')) return null;
  return line.replace(/^\S+\s+/, '').replace(/\s+/g, ' ');
}

function startFromPowerShell(pid: number): string | null {
  const command = `(Get-Process -Id ${pid} -ErrorAction Stop).StartTime.ToFileTimeUtc()`;
  const { status, stdout } = spawnSync(
    'powershell.exe',
    ['-NoProfile', '-NonInteractive', '-Command', command],
    {
      encoding: 'utf8',
      windowsHide: true,
      timeout: 10_000,
    },
  );
  return status === 0 && /^\d+$/.test(stdout.trim()) ? stdout.trim() : '?';
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, but someone else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function split(text: string): [start: string, place: string] {
  const at = text.lastIndexOf('@');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** What a pid is valid in: on Linux the boot and the pid namespace (containers may share a host name), else the machine. */
function place(): string {
  if (here !== undefined) return here;
  here = process.platform;
  if (process.platform === 'linux') {
    try {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
      here = `${boot}.${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}`;
    } catch {
      here = 'linux'; // A /proc that hides these: the host name has to do.
    }
  }
  return here;
}
let here: string | undefined;
