import { open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { HumanError } from '../protocol/human-error.ts';
import { errorCode, isMissing } from '../text/system-errors.ts';
import { asHuman, makeFolder, writeAside } from './files.ts';
import { folderMark, isCopyOf } from './folder-mark.ts';
import { layout } from './layout.ts';
import { isAlive, ownProcess, type ProcessIdentity } from './process-identity.ts';
import { processIdentity } from './run-schema.ts';
import { silentMs } from './silence.ts';
import { heartbeatLimitMs } from './status.ts';

/** The right to write a run folder. */
export interface Claim {
  /** Goes into run.json, so that readers can tell whether the writer lives, and whether it writes this folder. */
  process: ProcessIdentity & { folder: string };
  /** 1 for the first writer of this run, 2 for the one that resumed it, ... */
  number: number;
  release(): Promise<void>;
}

/** A claim is written again this often while it is held, for those who cannot ask its process. */
const renewMs = 10_000;
/** A claim that is made but not yet written is its maker's for this long. */
const unwrittenLimitMs = 10_000;

const claimSchema = z.union([z.looseObject({ released: z.number() }), processIdentity]);

/**
 * Makes this process the run's only writer; a dead writer's claim is taken over. HumanError `run_busy` while another lives.
 *
 * Claims are files `1`, `2`, ... that are never deleted. The one with the highest number holds; whoever finds it released or
 * dead creates the next, which only one process can. Nothing has to be removed first, so no take-over can hit a live claim.
 * That a file is made by one process alone holds on every disk, over NFS too; links and clocks of other machines do not matter.
 */
export async function claimRun(dir: string): Promise<Claim> {
  const folder = layout.claims(dir);
  await makeFolder(folder);
  for (;;) {
    const last = await lastClaim(folder);
    const holder = last > 0 ? await liveHolder(dir, last) : null;
    if (holder)
      throw new HumanError(
        `Another trainer (process ${holder.pid || 'unknown'} on ${holder.host}) is writing this run.`,
        'Stop it first, or wait for its end.',
        'run_busy',
      );
    const process = { ...ownProcess(), folder: folderMark(dir) };
    const file = join(folder, String(last + 1));
    const handle = await create(file, JSON.stringify(process));
    if (!handle) continue;
    const renewal = renew(handle, JSON.stringify(process));
    return {
      process,
      number: last + 1,
      release: async () => {
        await renewal.end();
        await writeAside(file, JSON.stringify({ released: Date.now() }));
      },
    };
  }
}

/** Who writes the run now; null when nobody does. */
export async function writerOf(dir: string): Promise<ProcessIdentity | null> {
  const last = await lastClaim(layout.claims(dir));
  return last === 0 ? null : liveHolder(dir, last);
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

/** The process of a claim when it lives. One that cannot be asked lives as long as it renews its claim or writes run.json. */
async function liveHolder(dir: string, number: number): Promise<ProcessIdentity | null> {
  const file = join(layout.claims(dir), String(number));
  const claim = parseClaim(await readFile(file, 'utf8'));
  if (!claim)
    return (await silentMs(dir, [file])) < unwrittenLimitMs
      ? { pid: 0, start_time: '', host: 'this folder' }
      : null;
  if ('released' in claim || (claim.folder !== undefined && isCopyOf(claim.folder, dir))) return null;
  const isLive = isAlive(claim) ?? (await silentMs(dir, [file, layout.run(dir)])) <= heartbeatLimitMs;
  return isLive ? claim : null;
}

/** null: half written, or damaged. */
function parseClaim(text: string): z.infer<typeof claimSchema> | null {
  try {
    return claimSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Makes a file that is not there yet and writes it; null when it is there already. */
async function create(file: string, content: string): Promise<FileHandle | null> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'wx');
    await handle.write(content, 0);
    await handle.sync();
    return handle;
  } catch (error) {
    await handle?.close();
    if (errorCode(error) === 'EEXIST') return null;
    throw asHuman(error, file);
  }
}

/** Writes the same bytes again and again, so that the disk's own time of the file tells that its writer lives. */
function renew(handle: FileHandle, content: string): { end(): Promise<void> } {
  let writing: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // A folder that was deleted, or a disk that hangs, is noticed by the run's other files.
    writing = handle.write(content, 0).catch(() => clearInterval(timer));
  }, renewMs);
  timer.unref();
  return {
    end: async () => {
      clearInterval(timer);
      await writing;
      await handle.close();
    },
  };
}
