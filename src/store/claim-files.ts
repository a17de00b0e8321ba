import { open, readdir, readFile, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { errorCode, isMissing } from '../text/system-errors.ts';
import { asHuman, makeFolder, writeAside } from './files.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { processIdentity } from './run-schema.ts';
import { silentMs } from './silence.ts';
import { t } from '../text/say.ts';

/** The process that made a claim, and the folder that it was made for where that matters. */
export type Holder = ProcessIdentity & { folder?: string };

export interface HeldClaim {
  /** 1 for the first, 2 for the one after it, ... */
  number: number;
  release(): Promise<void>;
}

/** Whether whoever made a claim that was not released, in this file, still holds it. */
export type IsHeld = (holder: Holder, file: string) => Promise<boolean>;

/** A claim that is made but not yet written is its maker's for this long. */
const unwrittenLimitMs = 10_000;

const claimSchema = z.union([z.looseObject({ released: z.number() }), processIdentity]);

/**
 * Makes this process the holder of a folder of claims, unless another holds it; then that one.
 *
 * Claims are files `1`, `2`, ... The one with the highest number holds; whoever finds it released or dead makes the next,
 * which only one process can. Nothing has to be removed first, so no take-over can hit a live claim. That a file is made by
 * one process alone holds on every disk, over NFS too; links and clocks of other machines do not matter.
 * While it is held a claim is written again every `renewMs`, for those who cannot ask its process.
 */
export async function takeClaim(
  folder: string,
  content: Holder,
  { isHeld, renewMs }: { isHeld: IsHeld; renewMs: number },
): Promise<{ claim: HeldClaim } | { holder: Holder }> {
  await makeFolder(folder);
  const text = JSON.stringify(content);
  for (let made = 0; ;) {
    // A listing over a network may be older than what a failed attempt has just told.
    const last = Math.max(made, await lastClaim(folder));
    const holder = await holderOfClaim(folder, last, isHeld);
    if (holder) return { holder };
    const number = last + 1;
    const file = join(folder, String(number));
    const handle = await create(file, text);
    if (!handle) {
      made = number;
      continue;
    }
    const renewal = renew(handle, text, renewMs);
    // Lower numbers may be free again: what counts is to be the highest.
    if ((await lastClaim(folder)) <= number) {
      const release = async (): Promise<void> => {
        await renewal.end();
        await writeAside(file, JSON.stringify({ released: Date.now() })).catch((error: unknown) => {
          // The folder was deleted: there is nothing left to hold.
          if (!isMissing(error)) throw error;
        });
      };
      return { claim: { number, release } };
    }
    await renewal.end();
    await rm(file, { force: true });
    made = 0;
  }
}

/** Who holds a folder of claims now; null when nobody does. */
export async function holderOf(folder: string, isHeld: IsHeld): Promise<Holder | null> {
  return holderOfClaim(folder, await lastClaim(folder), isHeld);
}

/** Removes claims that are over: for its holder, where nobody counts them. */
export async function removeEarlierClaims(folder: string, { number }: HeldClaim): Promise<void> {
  for (const earlier of (await numbersIn(folder)).filter((other) => other < number))
    await rm(join(folder, String(earlier)), { force: true });
}

const lastClaim = async (folder: string): Promise<number> => Math.max(0, ...(await numbersIn(folder)));

async function numbersIn(folder: string): Promise<number[]> {
  try {
    return (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
  } catch (error) {
    if (isMissing(error)) return [];
    throw asHuman(error, folder);
  }
}

async function holderOfClaim(folder: string, number: number, isHeld: IsHeld): Promise<Holder | null> {
  if (number === 0) return null;
  const file = join(folder, String(number));
  const claim = await readClaim(file);
  if (claim === 'unwritten')
    return (await silentMs(folder, [file])) < unwrittenLimitMs
      ? { pid: 0, start_time: '', host: t('this folder') }
      : null;
  return claim !== null && (await isHeld(claim, file)) ? claim : null;
}

/** null for one that was released, or that a later holder has removed. */
async function readClaim(file: string): Promise<Holder | 'unwritten' | null> {
  try {
    const claim = claimSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    return 'released' in claim ? null : claim;
  } catch (error) {
    if (isMissing(error)) return null;
    if (errorCode(error)) throw asHuman(error, file);
    return 'unwritten'; // Empty, half written, or damaged.
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
    // A disk that is full took the name and no byte: nobody is to wait for a claim that says nothing.
    if (handle) await rm(file, { force: true });
    if (errorCode(error) === 'EEXIST') return null;
    throw asHuman(error, file);
  }
}

/** Writes the same bytes again and again, so that the disk's own time of the file tells that its writer lives. */
function renew(handle: FileHandle, content: string, renewMs: number): { end(): Promise<void> } {
  let writing: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // A folder that was deleted, or a disk that hangs, is noticed by whatever else is written there.
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
