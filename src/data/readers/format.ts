import { open, stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import type { DataFormat } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { expandPattern, isPattern } from './pattern.ts';
import { filesBelow } from './folder.ts';
import type { PairsConfig } from '../pair-set.ts';
import { fileError } from './text-file.ts';

export interface Located {
  format: DataFormat;
  /** Absolute, sorted; for the folder format the folder itself. */
  files: string[];
}

/** Finds the files that `data.pairs` means and their format: as asked, or from the first bytes, then the names. */
export async function locate(config: PairsConfig): Promise<Located> {
  const path = resolve(config.pairs);
  const found = await stat(path).catch((error: unknown) => {
    if (isPattern(config.pairs)) return null;
    throw fileError(path, error);
  });
  if (found === null) return locateMany(await expandPattern(config.pairs), config);
  // A pipe or a device would be waited for, or never end; pairs are read more than once anyway.
  if (!found.isDirectory() && !found.isFile())
    throw new HumanError(
      `${path} is neither a file nor a folder.`,
      'Write its content to a file and name that.',
      'bad_file',
    );
  if (!found.isDirectory()) return { format: config.format ?? (await formatOf(path)), files: [path] };
  return locateFolder(path, config);
}

async function locateMany(files: string[], config: PairsConfig): Promise<Located> {
  if (files.length === 0)
    throw new HumanError(
      `No file fits ${config.pairs}.`,
      'Look at the pattern and its folder.',
      'file_not_found',
    );
  const format = config.format ?? (await formatOf(files[0]!));
  if (files.length > 1 && format !== 'tar' && format !== 'parquet')
    throw new HumanError(
      `${config.pairs} fits ${files.length} files, and only tar and parquet may come in several.`,
      'Join them into one file.',
      'bad_file',
    );
  return { format, files };
}

async function locateFolder(folder: string, config: PairsConfig): Promise<Located> {
  if (config.format === 'folder') return { format: 'folder', files: [folder] };
  const names = await filesBelow(folder);
  for (const format of ['tar', 'parquet'] as const) {
    if (config.format !== null && config.format !== format) continue;
    const shards = names.filter((name) => name.endsWith(`.${format}`));
    if (shards.length > 0) return { format, files: shards.map((name) => resolve(folder, name)) };
    if (config.format === format)
      throw new HumanError(`${folder} has no .${format} file.`, 'Look at data.pairs.', 'file_not_found');
  }
  if (config.format !== null)
    throw new HumanError(`${folder} is a folder, not a ${config.format} file.`, 'Name the file.', 'bad_file');
  return { format: 'folder', files: [folder] };
}

/** The format of a file, by what is in it before what it is called. */
async function formatOf(file: string): Promise<DataFormat> {
  const start = await firstBytes(file);
  if (start.subarray(0, 4).toString('latin1') === 'PAR1') return 'parquet';
  if (start.subarray(257, 262).toString('latin1') === 'ustar') return 'tar';
  const extension = extname(basename(file)).toLowerCase();
  if (extension === '.tar') return 'tar';
  if (extension === '.parquet') return 'parquet';
  const text = start
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  if (extension === '.jsonl' || extension === '.ndjson') return 'jsonl';
  if (text.startsWith('{'))
    return /^\{[^\n]*\}[ \t\r]*(\n|$)/.test(text) && extension !== '.json' ? 'jsonl' : 'coco';
  if (extension === '.json') return 'coco';
  if (/^[^\t\r\n]+#\d+\t/.test(text)) return 'flickr';
  return extension === '.tsv' ? 'tsv' : 'csv';
}

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw fileError(file, error);
  });
  try {
    const start = Buffer.alloc(4096);
    const { bytesRead } = await handle.read(start, 0, start.length, 0);
    return start.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
