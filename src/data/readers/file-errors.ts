import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { HumanError } from '../../protocol/human-error.ts';
import { shortened } from '../../text/words.ts';
import { machineFault } from '../machine-fault.ts';

/** A handle on a file that a person named; a HumanError says when it is not there, is a folder or may not be read. */
export async function openForReading(file: string): Promise<Awaited<ReturnType<typeof open>>> {
  try {
    return await open(file, 'r');
  } catch (error) {
    throw fileError(file, error);
  }
}

/** The error of a file whose content is not what its kind must have. */
export function damaged(file: string, what: unknown): HumanError {
  const reason = what instanceof Error ? what.message : String(what);
  return new HumanError(
    `${basename(file)} is damaged (${shortened(reason.replace(/[\s.]+$/, ''), 200)}).`,
    'Copy or write it anew.',
    'bad_file',
  );
}

/** What a library does with the content of a file: its own errors become those of the damaged file, the machine's stay what they are. */
export async function byLibrary<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof HumanError) throw error;
    throw machineFault(error, `${file} cannot be read`) ?? damaged(file, error);
  }
}

/** What a failed file operation means to a person. */
export function fileError(file: string, error: unknown): Error {
  const fault = machineFault(error, `${file} cannot be read`);
  if (fault) return fault;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new HumanError(
      `${file} was not found.`,
      'A path in an experiment starts at the folder of the experiment file.',
      'file_not_found',
    );
  if (code === 'EACCES' || code === 'EPERM')
    return new HumanError(
      `${file} may not be read.`,
      'Give yourself the right to read it.',
      'file_not_readable',
    );
  if (code === 'EISDIR')
    return new HumanError(`${file} is a folder.`, 'Name a file in it.', 'file_not_readable');
  if (error instanceof Error && code !== undefined)
    return new HumanError(
      `${shortened(file, 300)} cannot be read (${troubles[code] ?? code}).`,
      'Check the path and the disk.',
      'file_not_readable',
    );
  return error instanceof Error ? error : new Error(String(error));
}

const troubles: Record<string, string> = {
  ELOOP: 'a link that leads to itself',
  ENAMETOOLONG: 'the name is too long',
  ERR_INVALID_ARG_VALUE: 'the name has a sign that no name may have',
  EIO: 'the disk reports an error',
};
