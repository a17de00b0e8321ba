import { existsSync } from 'node:fs';
import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunConfig } from '../experiment/config.ts';
import { isTraining } from '../protocol/run-status.ts';
import { bytesIn } from '../store/disk.ts';
import { asHuman } from '../store/files.ts';
import { layout } from '../store/layout.ts';
import { cacheDirOf, readConfig, statusOf } from '../store/run-folder.ts';
import type { RunEntry } from '../store/run-list.ts';
import { isMissing } from '../text/system-errors.ts';
import { modelFolder } from '../weights/hub-cache.ts';
import { listAround, runsDirsAround } from './locate.ts';

/** Something that is kept so that it need not be made or fetched again. */
export interface CacheItem {
  /** Decoded images, features of frozen encoders, indexes that a finished model searches, or a model of the hub. */
  kind: 'images' | 'features' | 'index' | 'model';
  /** What it is of: `224 px`, `captions, hf:intfloat/e5-small`, a run's id, `hf:owner/name`. */
  of: string;
  dir: string;
  bytes: number;
  /** When one of its files was last written, or read where the disk notes that; Unix ms. */
  last_used: number;
  /** Names of the experiments whose runs use it. */
  experiments: string[];
  /** A run that trains now needs it: it is never removed. */
  in_use: boolean;
}

/** A run as far as caches are concerned; of an older version its config may lack sections. */
interface User extends RunEntry {
  config: Partial<RunConfig> | null;
}

/** Says what a folder of features is of. */
const aboutFile = 'about.json';

/** What is kept for the runs around a folder, the largest first. */
export async function cachesAround(folder: string): Promise<CacheItem[]> {
  const runs = await listAround(folder);
  const users = await Promise.all(runs.map(async (run) => ({ ...run, config: await configOf(run.dir) })));
  const dirs = cacheDirsOf(await runsDirsAround(folder), users);
  const lists = await Promise.all([
    ...dirs.map((dir) => itemsIn(dir, users)),
    ...users.map((user) => item('index', layout.indexes(user.dir), user.file.id, [user])),
    ...hubModels(users),
  ]);
  return lists
    .flat()
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);
}

/** Removes one, whole; what is left of it after a kill is no cache any more, or a smaller one. */
export async function removeCache({ dir }: CacheItem): Promise<void> {
  try {
    await rm(dir, { recursive: true, force: true });
  } catch (error) {
    throw asHuman(error, dir);
  }
}

/** Folders of caches: those of the projects, and those that experiments name. */
export function cacheDirsOf(runsDirs: string[], users: Pick<User, 'config'>[]): string[] {
  const named = users.map(({ config }) => config?.data?.cache_dir).filter((dir) => typeof dir === 'string');
  return [...new Set([...runsDirs.map(cacheDirOf), ...named])];
}

/** Of an older version it may lack sections; null when it cannot be read. */
export const configOf = (dir: string): Promise<Partial<RunConfig> | null> =>
  readConfig(dir).catch(() => null);

/** What Tandem made in a folder of caches; what else lies there is not looked at. */
async function itemsIn(cache: string, users: User[]): Promise<CacheItem[]> {
  const own = users.filter(({ config }) => config?.data?.cache_dir === cache);
  const items: Promise<CacheItem[]>[] = [];
  for (const name of await namesIn(cache)) {
    const side = /^(\d+)px-[0-9a-f]+$/.exec(name)?.[1];
    const ofSide = own.filter(({ config }) => config!.data!.image_size === Number(side));
    if (side !== undefined) items.push(item('images', join(cache, name), `${side} px`, ofSide));
  }
  for (const name of await namesIn(join(cache, 'features'))) {
    const side = /^(image|text)-[0-9a-f]+(-v\d+)?$/.exec(name)?.[1] as 'image' | 'text' | undefined;
    if (!side) continue;
    const dir = join(cache, 'features', name);
    const encoder = await encoderOf(dir);
    const frozen = own.filter(({ config }) => {
      const { name: kind, weights } = config!.model?.[`${side}_encoder`] ?? {};
      return encoder === null || encoder === kind || encoder === weights;
    });
    const what = side === 'image' ? 'images' : 'captions';
    items.push(item('features', dir, encoder === null ? what : `${what}, ${encoder}`, frozen));
  }
  return (await Promise.all(items)).flat();
}

/** Models of the hub that runs name. */
function hubModels(users: User[]): Promise<CacheItem[]>[] {
  const namedBy = new Map<string, User[]>();
  for (const user of users) {
    const { weights, image_encoder: image, text_encoder: text } = user.config?.model ?? {};
    for (const name of new Set([weights, image?.weights, text?.weights]))
      if (name?.startsWith('hf:')) namedBy.set(name, [...(namedBy.get(name) ?? []), user]);
  }
  return [...namedBy].map(([name, by]) =>
    item('model', modelFolder(name.slice('hf:'.length)).root, name, by),
  );
}

/** Empty where there is no such folder. */
async function item(
  kind: CacheItem['kind'],
  dir: string,
  of: string,
  users: readonly User[],
): Promise<CacheItem[]> {
  if (!existsSync(dir)) return [];
  const experiments = [...new Set(users.map(({ file }) => file.experiment))].sort();
  const inUse = users.some(({ file }) => isTraining(statusOf(file)));
  const [bytes, lastUsed] = [await bytesIn(dir), await lastUsedOf(dir)];
  return [{ kind, of, dir, bytes, last_used: lastUsed, experiments, in_use: inUse }];
}

/** The encoder that the features in a folder are of; null where that is not written there. */
async function encoderOf(dir: string): Promise<string | null> {
  try {
    const about = JSON.parse(await readFile(join(dir, aboutFile), 'utf8')) as { encoder?: unknown };
    return typeof about.encoder === 'string' ? about.encoder : null;
  } catch {
    return null; // a kill before it was written
  }
}

async function lastUsedOf(dir: string): Promise<number> {
  let latest = 0;
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    // Read by whoever only looks what there is.
    if (!entry.isFile() || entry.name === aboutFile) continue;
    const stats = await lstat(join(entry.parentPath, entry.name)).catch(() => null); // gone meanwhile
    if (stats) latest = Math.max(latest, stats.mtimeMs, stats.atimeMs);
  }
  return Math.round(latest);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw asHuman(error, folder);
  }
}
