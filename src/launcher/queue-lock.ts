import { link, open, readFile, rename, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../store/files.ts';
import { errorCode, isMissing } from '../text/system-errors.ts';

/** A lock not touched for this long belongs to a process that is gone. */
const staleMs = 15_000;
const touchMs = 3_000;

/**
 * Runs a task while this process alone may start queued runs of the given folders of runs. Locks are files whose time
 * is renewed while they are held, so they also work between machines that share a disk and after a `kill -9`.
 */
export async function withQueueLocks<T>(runsDirs: string[], task: () => Promise<T>): Promise<T> {
  const held: { release: () => Promise<void> }[] = [];
  try {
    // One order for everybody, so that two holders never wait for each other.
    for (const runsDir of [...new Set(runsDirs)].sort()) held.push(await lock(runsDir));
    return await task();
  } finally {
    for (const one of held.reverse()) await one.release();
  }
}

async function lock(runsDir: string): Promise<{ release: () => Promise<void> }> {
  await makeFolder(runsDir);
  const file = join(runsDir, 'queue.lock');
  const token = `${process.pid} ${Date.now()} ${Math.random().toString(36).slice(2)}\n`;
  while (!(await create(file, token))) {
    const stale = await staleToken(file);
    if (stale !== null) await takeAway(file, stale);
    else await sleep(20 + Math.random() * 60);
  }
  const timer = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => clearInterval(timer));
  }, touchMs);
  timer.unref();
  return {
    release: async () => {
      clearInterval(timer);
      // A process that slept through the stale time may have lost it to another.
      if ((await readFile(file, 'utf8').catch(() => '')) === token) await unlink(file).catch(ignoreMissing);
    },
  };
}

async function create(file: string, token: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(token);
    await handle.close();
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** What a lock that nobody renews says; null when it is alive or gone. */
async function staleToken(file: string): Promise<string | null> {
  try {
    const token = await readFile(file, 'utf8');
    return Date.now() - (await stat(file)).mtimeMs > staleMs ? token : null;
  } catch (error) {
    ignoreMissing(error);
    return null;
  }
}

/** Moves the stale file aside before deleting it; when another was quicker and this is its fresh lock, puts it back. */
async function takeAway(file: string, stale: string): Promise<void> {
  const aside = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await rename(file, aside);
    if ((await readFile(aside, 'utf8')) !== stale) await link(aside, file);
    await unlink(aside);
  } catch (error) {
    ignoreMissing(error);
  }
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
