import { said, type Said } from './say.ts';

/** What an error of the system means to a person. */
export interface SystemError {
  /** Stable name for programs. */
  code:
    | 'disk_full'
    | 'no_permission'
    | 'too_many_files'
    | 'file_too_large'
    | 'disk_error'
    | 'not_found'
    | 'bad_path';
  /** A part of a sentence: `the disk is full`. */
  reason: Said;
  /** A sentence: what the person can do. */
  todo: Said;
  /** Whether the machine is at fault rather than the file or what stands in an experiment: another file would fail too. */
  isOfMachine: boolean;
}

/** What the error of a file operation means; null for what is no such error, or one that says nothing to a person. */
export function systemError(error: unknown): SystemError | null {
  return meanings[errorCode(error)] ?? null;
}

/** `ENOENT` and the like; empty for what is no error of the system. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Whether the file, or a folder on the way to it, is not there. */
export const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(errorCode(error));

const makeRoom = said('Free some space, then try again; a run goes on from its last checkpoint.');
const closeFiles = said('Close other programs or raise the limit (ulimit -n).');
const giveRight = said('Check who owns it and give yourself the right.');
const checkPath = said('Check the path.');

const meanings: Readonly<Record<string, SystemError>> = {
  ENOSPC: { code: 'disk_full', reason: said('the disk is full'), todo: makeRoom, isOfMachine: true },
  EDQUOT: {
    code: 'disk_full',
    reason: said('your disk quota is used up'),
    todo: makeRoom,
    isOfMachine: true,
  },
  EFBIG: {
    code: 'file_too_large',
    reason: said('the file would be larger than this system allows'),
    todo: said('Raise the limit (ulimit -f), then try again; a run goes on from its last checkpoint.'),
    isOfMachine: true,
  },
  ERR_FS_FILE_TOO_LARGE: {
    code: 'file_too_large',
    reason: said('it is larger than 2 GB'),
    todo: said('Split it or leave it out.'),
    isOfMachine: false,
  },
  EROFS: {
    code: 'no_permission',
    reason: said('the disk is read-only'),
    todo: said('Make it writable, then try again.'),
    isOfMachine: true,
  },
  EACCES: {
    code: 'no_permission',
    reason: said('there is no permission'),
    todo: giveRight,
    isOfMachine: false,
  },
  EPERM: {
    code: 'no_permission',
    reason: said('there is no permission'),
    todo: giveRight,
    isOfMachine: false,
  },
  EMFILE: {
    code: 'too_many_files',
    reason: said('too many files are open'),
    todo: closeFiles,
    isOfMachine: true,
  },
  ENFILE: {
    code: 'too_many_files',
    reason: said('too many files are open'),
    todo: closeFiles,
    isOfMachine: true,
  },
  EIO: {
    code: 'disk_error',
    reason: said('the disk reports an error'),
    todo: said('Check the disk and its connection.'),
    isOfMachine: true,
  },
  ENOENT: { code: 'not_found', reason: said('it is not there'), todo: checkPath, isOfMachine: false },
  ENOTDIR: { code: 'not_found', reason: said('it is not there'), todo: checkPath, isOfMachine: false },
  EISDIR: {
    code: 'bad_path',
    reason: said('it is a folder'),
    todo: said('Name a file in it.'),
    isOfMachine: false,
  },
  ELOOP: {
    code: 'bad_path',
    reason: said('it is a link that leads to itself'),
    todo: checkPath,
    isOfMachine: false,
  },
  ENAMETOOLONG: {
    code: 'bad_path',
    reason: said('the name is too long'),
    todo: checkPath,
    isOfMachine: false,
  },
  ERR_INVALID_ARG_VALUE: {
    code: 'bad_path',
    reason: said('the name has a sign that no name may have'),
    todo: checkPath,
    isOfMachine: false,
  },
};
