import { mkdir, open, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { HumanError } from '../protocol/human-error.ts';
import { t, textOf } from '../text/say.ts';
import { errorCode, isMissing, systemError } from '../text/system-errors.ts';
import { sentenceStart } from '../text/words.ts';

/** Replaces a file whole: written aside, brought to the disk, then renamed. A kill at any moment leaves the old or the new one. */
export async function writeAside(file: string, content: string | Uint8Array): Promise<void> {
  const aside = join(dirname(file), `.${basename(file)}.${process.pid}.${(asides++).toString(36)}`);
  try {
    await writeFile(aside, content, { flush: true });
    await renameOver(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    throw asHuman(error, file);
  }
}
let asides = 0;

/** Renames over what is there. Windows refuses for a moment while a reader has the target open: tried again for a second. */
export async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await rename(from, to);
    } catch (error) {
      const busy = ['EPERM', 'EACCES', 'EBUSY'].includes(errorCode(error)) && process.platform === 'win32';
      if (!busy || attempt >= 20) throw asHuman(error, to);
      await new Promise((resolve) => setTimeout(resolve, 10 + 5 * attempt));
    }
  }
}

/** Makes a folder and those around it, unless they are there. */
export async function makeFolder(folder: string): Promise<void> {
  const make = (): Promise<unknown> => mkdir(folder, { recursive: true });
  try {
    await make().catch(async (error: unknown) => {
      if (!isMissing(error)) throw error;
      // Node says of a disk that is read-only that the folder is not there. Made alone, the outermost one that is missing has the reason.
      await makeOutermost(resolve(folder));
      await make();
    });
  } catch (error) {
    throw asHuman(error, folder);
  }
}

async function makeOutermost(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    if (!isMissing(error) || dirname(folder) === folder) throw error;
    await makeOutermost(dirname(folder));
  }
}

/** Brings the names in a folder to the disk, so that a rename survives a power cut. Not possible on Windows, nor needed there. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    // Some network and FUSE file systems cannot sync a folder; the rename itself has succeeded.
    if (!['EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM', 'EACCES'].includes(errorCode(error)))
      throw asHuman(error, folder);
  } finally {
    await handle?.close();
  }
}

/** The same error, said so that a person knows what to do where the cause is the disk; other errors as they are. */
export function asHuman(error: unknown, file: string): Error {
  const meaning = systemError(error);
  if (meaning && (meaning.isOfMachine || meaning.code === 'no_permission'))
    return new HumanError(
      t('{0}: {1} could not be read or written.', sentenceStart(textOf(meaning.reason)), file),
      meaning.todo,
      meaning.code,
    );
  return error instanceof Error ? error : new Error(String(error));
}
