import { access, readdir } from 'node:fs/promises';
import { absolutePath, folderOf, isRemote } from '../experiment/paths.ts';
import type { Experiment } from '../experiment/schema/schema.ts';
import { namedPaths } from './existing-paths.ts';

/** Most names of a folder that are compared with a misspelt one. */
const mostNames = 2_000;

/** For each path of an experiment that is not there: what its folder holds, by dotted key, each as the path would be written (folders with a slash). */
export async function nearbyPaths(
  experiment: Pick<Experiment, 'data' | 'model'>,
  baseDir: string,
): Promise<Record<string, string[]>> {
  const nearby: Record<string, string[]> = {};
  for (const [key, path] of Object.entries(namedPaths(experiment))) {
    if (!path || isRemote(path) || (await isThere(absolutePath(baseDir, path)))) continue;
    const folder = path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    const names = await namesIn(folderOf(absolutePath(baseDir, `${folder}x`)));
    if (names.length) nearby[key] = names.map((name) => folder + name);
  }
  return nearby;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []); // No such folder: nothing is near.
  return entries
    .filter(({ name }) => !name.startsWith('.'))
    .slice(0, mostNames)
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
}
