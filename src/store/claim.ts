import { link, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HumanError } from '../protocol/human-error.ts';
import type { RunFile } from '../protocol/run.ts';
import { asHuman, makeFolder, writeAside } from './files.ts';
import { errorCode, isMissing } from '../text/system-errors.ts';
import { layout } from './layout.ts';
import { isAlive, ownProcess, type ProcessIdentity } from './process-identity.ts';
import { heartbeatLimitMs } from './status.ts';

/** The right to write a run folder. */
export interface Claim {
  /** Goes into run.json, so that readers can tell whether the writer lives. */
  process: ProcessIdentity;
  /** 1 for the first writer of this run, 2 for the one that resumed it, ... */
  number: number;
  release(): Promise<void>;
}

/**
 * Makes this process the run's only writer; a dead writer's claim is taken over. HumanError `run_busy` while another lives.
 *
 * Claims are files `1`, `2`, ... that are never deleted. The one with the highest number holds; whoever finds it released or
 * dead creates the next, which only one process can. Nothing has to be removed first, so no take-over can hit a live claim.
 */
export async function claimRun(dir: string): Promise<Claim> {
  const folder = layout.claims(dir);
  await makeFolder(folder);
  for (;;) {
    const last = await lastClaim(folder);
    if (last > 0) {
      const holder = await liveHolder(dir, join(folder, String(last)));
      if (holder)
        throw new HumanError(
          `Another trainer (process ${holder.pid || 'unknown'} on ${holder.host}) is writing this run.`,
          'Stop it first, or wait for its end.',
          'run_busy',
        );
    }
    const file = join(folder, String(last + 1));
    if (!(await createOrSay(file, JSON.stringify(ownProcess())))) continue;
    return {
      process: ownProcess(),
      number: last + 1,
      release: () => writeAside(file, JSON.stringify({ released: Date.now() })),
    };
  }
}

/** Who writes the run now; null when nobody does. */
export async function writerOf(dir: string): Promise<ProcessIdentity | null> {
  const folder = layout.claims(dir);
  const last = await lastClaim(folder);
  return last === 0 ? null : liveHolder(dir, join(folder, String(last)));
}

async function lastClaim(folder: string): Promise<number> {
  try {
    const numbers = (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
    return Math.max(0, ...numbers);
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

/** The process of a claim when it lives. One on another host lives as long as the claim or the run's heartbeat is young. */
async function liveHolder(dir: string, file: string): Promise<ProcessIdentity | null> {
  const text = await readFile(file, 'utf8');
  const age = Date.now() - (await stat(file)).mtimeMs;
  let claim: Partial<ProcessIdentity> & { released?: number };
  try {
    claim = JSON.parse(text) as typeof claim;
  } catch {
    // Half written, which only happens where hard links do not work: give its writer a moment, then it is dead.
    return age < 10_000 ? { pid: 0, start_time: '', host: 'this folder' } : null;
  }
  if (claim.released !== undefined || !claim.pid || !claim.start_time || !claim.host) return null;
  const holder: ProcessIdentity = { pid: claim.pid, start_time: claim.start_time, host: claim.host };
  const alive =
    isAlive(holder) ?? (age <= heartbeatLimitMs || Date.now() - (await heartbeat(dir)) <= heartbeatLimitMs);
  return alive ? holder : null;
}

async function heartbeat(dir: string): Promise<number> {
  try {
    return (JSON.parse(await readFile(layout.run(dir), 'utf8')) as RunFile).heartbeat ?? 0;
  } catch {
    return 0; // No readable run.json: nobody writes it.
  }
}

async function createOrSay(file: string, content: string): Promise<boolean> {
  try {
    return await createWhole(file, content);
  } catch (error) {
    throw asHuman(error, file);
  }
}

/** Creates a file with its content in one go; false when it is there already. */
async function createWhole(file: string, content: string): Promise<boolean> {
  const aside = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await writeFile(aside, content, { flush: true });
    await link(aside, file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL'].includes(errorCode(error)))
      throw error;
    return await createExclusive(file, content);
  } finally {
    await rm(aside, { force: true });
  }
}

/** For file systems without hard links (FAT, some network shares). */
async function createExclusive(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, { flag: 'wx', flush: true });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}
