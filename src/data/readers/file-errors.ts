import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { HumanError } from '../../protocol/human-error.ts';
import { errorCode, isMissing, systemError } from '../../text/system-errors.ts';
import { shortened } from '../../text/words.ts';
import { machineFault } from '../machine-fault.ts';
import { said } from '../../text/say.ts';

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
    said('{0} is damaged ({1}).', basename(file), shortened(reason.replace(/[\s.]+$/, ''), 200)),
    said('Copy or write it anew.'),
    'bad_file',
  );
}

/** What a library does with the content of a file: its own errors become those of the damaged file, the machine's stay what they are. */
export async function byLibrary<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof HumanError) throw error;
    throw machineFault(error, said('{0} cannot be read', file)) ?? damaged(file, error);
  }
}

/** What a failed file operation means to a person. */
export function fileError(file: string, error: unknown): Error {
  const fault = machineFault(error, said('{0} cannot be read', file));
  if (fault) return fault;
  if (isMissing(error))
    return new HumanError(
      said('{0} was not found.', file),
      said('A path in an experiment starts at the folder of the experiment file.'),
      'file_not_found',
    );
  const code = errorCode(error);
  if (code === '') return error instanceof Error ? error : new Error(String(error));
  const { reason, todo } = systemError(error) ?? { reason: code, todo: said('Check the path and the disk.') };
  return new HumanError(
    said('{0} cannot be read: {1}.', shortened(file, 300), reason),
    todo,
    'file_not_readable',
  );
}
