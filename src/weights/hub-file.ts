import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HumanError } from '../protocol/human-error.ts';
import { asHuman, renameOver } from '../store/files.ts';
import { tryLock } from '../store/folder-lock.ts';
import { byteSize } from '../text/numbers.ts';
import { pointTo, type ModelFolder } from './hub-cache.ts';
import { askHub, attempts, bytesOf, HubRefusal, inShort, type HubOptions } from './hub-request.ts';
import { said, t } from '../text/say.ts';

/** A file of the hub, as its list has it. */
export interface HubFile {
  path: string;
  url: string;
  size: number;
  /** What it is called in the cache: sha256 of a large file, else git's sha1 of it. */
  hash: string;
}

/** Who is told how far a file is. */
export interface FileProgress {
  /** Bytes that are there. */
  at(bytes: number): void;
}

/** How often it is looked whether another process has fetched a file. */
const lookMs = 300;

/** Brings a file of a commit into the cache, unless it is there, and gives its place. */
export async function fetchFile(
  folder: ModelFolder,
  commit: string,
  file: HubFile,
  headers: Record<string, string>,
  options: HubOptions,
  progress: FileProgress,
): Promise<string> {
  const pointer = folder.pointer(commit, file.path);
  const blob = folder.blob(file.hash);
  const isThere = (): boolean => existsSync(blob) || existsSync(pointer);
  let isNew = false;
  try {
    await mkdir(dirname(blob), { recursive: true });
    while (!isThere()) {
      const lock = await tryLock(folder.lock(file.hash));
      if (lock === null) {
        progress.at(await sizeOf(partOf(blob)));
        await sleep(lookMs, undefined, { signal: options.signal });
        continue;
      }
      try {
        if (!isThere()) await download(blob, file, headers, options, progress);
        isNew = true;
      } finally {
        await lock.release();
        if (isThere()) await rm(folder.lock(file.hash), { recursive: true, force: true });
      }
    }
    if (!existsSync(pointer)) await pointTo(blob, pointer, isNew);
  } catch (error) {
    throw asHuman(error, blob);
  }
  progress.at(file.size);
  return pointer;
}

/** As Python's huggingface_hub calls what has arrived of a blob. */
const partOf = (blob: string): string => `${blob}.incomplete`;

const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => null))?.size ?? 0;

/** What has arrived is checked before it is a blob. A part that was spoilt, say by another program, is fetched anew once. */
async function download(
  blob: string,
  file: HubFile,
  headers: Record<string, string>,
  options: HubOptions,
  progress: FileProgress,
): Promise<void> {
  const part = partOf(blob);
  for (const isLast of [false, true]) {
    await checkRoom(part, file);
    await fill(part, file, headers, options, progress);
    if ((await hashOf(part, file)) === file.hash) return renameOver(part, blob);
    await rm(part, { force: true });
    if (!isLast) options.say?.(t('{0} is not what the hub lists: it is fetched again.', file.path));
  }
  throw new HumanError(
    said(
      '{0} arrived twice as another file than the hub lists (its hash is not {1}…).',
      file.path,
      file.hash.slice(0, 12),
    ),
    said(
      'Something between here and the hub changes files: check HF_ENDPOINT and the proxy, or download the model elsewhere and name its folder in weights.',
    ),
    'hub_damaged',
  );
}

/** Brings a part to its whole length, from where it is. Bytes are written at their places, so that two who do it at once do the same. */
async function fill(
  part: string,
  { path, url, size }: HubFile,
  headers: Record<string, string>,
  options: HubOptions,
  progress: FileProgress,
): Promise<void> {
  const { signal, say, retryMs = 1000 } = options;
  if ((await sizeOf(part)) > size) await rm(part, { force: true });
  await writeFile(part, '', { flag: 'a' });
  const handle = await open(part, 'r+');
  try {
    let at = (await handle.stat()).size;
    if (at > 0) say?.(t('{0}: goes on after {1} of {2}.', path, byteSize(at), byteSize(size)));
    for (let failures = 0; at < size;) {
      progress.at(at);
      try {
        const range = { range: `bytes=${at}-`, 'accept-encoding': 'identity' };
        const response = await askHub(url, { headers: { ...headers, ...range } }, options);
        // A server that knows no ranges sends all of it.
        if (response.status !== 206) at = 0;
        for await (const bytes of bytesOf(response, signal)) {
          const wanted = bytes.subarray(0, size - at);
          await handle.write(wanted, 0, wanted.length, at);
          at += wanted.length;
          failures = 0;
          progress.at(at);
        }
        if (at < size) throw new Error(t('the connection ended'));
      } catch (error) {
        signal?.throwIfAborted();
        if (isFinal(error) || ++failures >= attempts) throw error;
        say?.(
          t(
            '{0}: {1} after {2} of {3}; it goes on from there.',
            path,
            inShort(error),
            byteSize(at),
            byteSize(size),
          ),
        );
        await sleep(retryMs * 2 ** (failures - 1), undefined, { signal });
      }
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Not the connection's fault. */
const isFinal = (error: unknown): boolean =>
  error instanceof HubRefusal ||
  error instanceof HumanError ||
  (error as NodeJS.ErrnoException).syscall === 'write';

async function hashOf(part: string, { hash, size }: HubFile): Promise<string> {
  const isSha256 = hash.length === 64;
  const made = createHash(isSha256 ? 'sha256' : 'sha1');
  // Git's name of a file's content.
  if (!isSha256) made.update(`blob ${size}\0`);
  for await (const bytes of createReadStream(part, { highWaterMark: 1 << 20 })) made.update(bytes as Buffer);
  return made.digest('hex');
}

/** A file that does not fit is told before it is fetched. */
async function checkRoom(part: string, { path, size }: HubFile): Promise<void> {
  const disk = await statfs(dirname(part)).catch(() => null); // then writing shows it
  const missing = size - (await sizeOf(part));
  if (!disk || missing <= disk.bavail * disk.bsize) return;
  throw new HumanError(
    said(
      '{0} takes {1}, and the disk of {2} has {3} free.',
      path,
      byteSize(missing),
      dirname(part),
      byteSize(disk.bavail * disk.bsize),
    ),
    said('Make room, or set HF_HUB_CACHE to a folder on another disk.'),
    'disk_full',
  );
}
