import { dirname, relative, sep } from 'node:path';

/** The names of shards in keys and messages: their paths from the folder that holds them all, so that no two have one name. */
export function shardNames(files: readonly string[]): string[] {
  let common = dirname(files[0]!);
  for (const file of files)
    while (!file.startsWith(common.endsWith(sep) ? common : common + sep) && common !== dirname(common))
      common = dirname(common);
  return files.map((file) => relative(common, file).replaceAll('\\', '/'));
}
