import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isMissing } from '../text/system-errors.ts';

/** Commit that the folder's Git repository stands at, read from its files (no Git needed); null outside a repository. */
export async function gitCommit(folder: string): Promise<string | null> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const git = await gitFolder(join(at, '.git'));
    if (git) return headOf(git);
    if (at === dirname(at)) return null;
  }
}

/** `.git` is a folder, or in worktrees and submodules a file that names one. */
async function gitFolder(git: string): Promise<string | null> {
  try {
    if ((await stat(git)).isDirectory()) return git;
  } catch {
    return null; // Not here (or not readable): look further up.
  }
  const target = /^gitdir: (.+)$/m.exec((await read(git)) ?? '')?.[1];
  return target ? resolve(dirname(git), target.trim()) : null;
}

async function headOf(git: string): Promise<string | null> {
  const head = (await read(join(git, 'HEAD')))?.trim() ?? '';
  if (isCommit(head)) return head;
  const ref = /^ref: (refs\/\S+)$/.exec(head)?.[1];
  if (!ref) return null;
  const common = resolve(git, (await read(join(git, 'commondir')))?.trim() ?? '.');
  for (const place of [git, common]) {
    const loose = (await read(join(place, ref)))?.trim() ?? '';
    if (isCommit(loose)) return loose;
  }
  const packed = (await read(join(common, 'packed-refs'))) ?? '';
  const line = packed.split('\n').find((entry) => entry.endsWith(` ${ref}`));
  return line && isCommit(line.slice(0, -ref.length - 1)) ? line.slice(0, -ref.length - 1) : null;
}

const isCommit = (text: string): boolean => /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text);

async function read(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
