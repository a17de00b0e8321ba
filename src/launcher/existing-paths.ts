import { access } from 'node:fs/promises';
import type { RunConfig } from '../experiment/config.ts';
import { isRemote } from '../experiment/paths.ts';

/** Whether the paths of a config, other than the pairs' own, are there, by dotted key. Hub ids, addresses and patterns are not looked up. */
export async function existingPaths({
  data,
  model,
}: Pick<RunConfig, 'data' | 'model'>): Promise<Record<string, boolean>> {
  const paths: Record<string, string | null> = {
    'data.val': data.val,
    'data.image_root': data.image_root,
    'model.image_encoder.weights': model.image_encoder.weights,
    'model.text_encoder.weights': model.text_encoder.weights,
  };
  const exists: Record<string, boolean> = {};
  for (const [key, path] of Object.entries(paths))
    if (path !== null && !isRemote(path) && !/[*?{[]/.test(path))
      exists[key] = await access(path).then(
        () => true,
        () => false,
      );
  return exists;
}
