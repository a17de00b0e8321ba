import { access } from 'node:fs/promises';
import { isRemote } from '../experiment/paths.ts';

interface Paths {
  data: { pairs: string; val: string | null; image_root: string | null };
  model: Record<'image_encoder' | 'text_encoder', { weights: string | null }> & { weights?: string | null };
}

/** Whether the paths of a config, other than the pairs' own, are there, by dotted key. Hub ids, addresses and patterns are not looked up. */
export async function existingPaths(config: Paths): Promise<Record<string, boolean>> {
  const exists: Record<string, boolean> = {};
  for (const [key, path] of Object.entries(namedPaths(config)))
    if (key !== 'data.pairs' && !isRemote(path) && !/[*?{[]/.test(path))
      exists[key] = await access(path).then(
        () => true,
        () => false,
      );
  return exists;
}

/** The paths that a config or an experiment names, by dotted key. */
export function namedPaths({ data, model }: Paths): Record<string, string> {
  const paths = {
    'data.pairs': data.pairs,
    'data.val': data.val,
    'data.image_root': data.image_root,
    'model.weights': model.weights ?? null,
    'model.image_encoder.weights': model.image_encoder.weights,
    'model.text_encoder.weights': model.text_encoder.weights,
  };
  return Object.fromEntries(
    Object.entries(paths).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}
