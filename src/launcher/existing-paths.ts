import { access } from 'node:fs/promises';
import type { RunConfig } from '../experiment/config.ts';
import { isRemote } from '../experiment/paths.ts';

type Paths = Pick<RunConfig, 'data' | 'model'>;

/** Whether the paths of a config, other than the pairs' own, are there, by dotted key. Hub ids, addresses and patterns are not looked up. */
export async function existingPaths(config: Paths): Promise<Record<string, boolean>> {
  const exists: Record<string, boolean> = {};
  for (const [key, path] of Object.entries(fullPaths(config)))
    if (key !== 'data.pairs' && !isRemote(path) && !/[*?{[]/.test(path))
      exists[key] = await access(path).then(
        () => true,
        () => false,
      );
  return exists;
}

/** The whole paths of a config by dotted key. */
export function fullPaths({ data, model }: Paths): Record<string, string> {
  const paths: Record<string, string | null> = {
    'data.pairs': data.pairs,
    'data.val': data.val,
    'data.image_root': data.image_root,
    'model.image_encoder.weights': model.image_encoder.weights,
    'model.text_encoder.weights': model.text_encoder.weights,
  };
  return Object.fromEntries(
    Object.entries(paths).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}
