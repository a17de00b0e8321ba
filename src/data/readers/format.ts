import { stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import type { DataFormat } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { expandPattern, isPattern } from './pattern.ts';
import { filesBelow } from './files-below.ts';
import { metadataName } from './columns.ts';
import { refuseSeveralParts } from './parts.ts';
import { listed } from '../../text/words.ts';
import type { PairsConfig } from '../pair-set.ts';
import { beginningOf } from './beginning.ts';
import { fileError } from './file-errors.ts';
import { textOfBytes } from './text-file.ts';
import { said } from '../../text/say.ts';

export interface Located {
  format: DataFormat;
  /** Absolute, sorted; for the folder format the folder itself. */
  files: string[];
  /** The file is one JSON value, and not one a line. */
  isJsonDocument?: boolean;
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
      said('{0} is neither a file nor a folder.', path),
      said('Write its content to a file and name that.'),
      'bad_file',
    );
  if (!found.isDirectory()) return locateFile(path, config);
  return locateFolder(path, config);
}

/** A single file, or the first of several that are of one kind. */
async function locateFile(file: string, config: PairsConfig): Promise<Located> {
  const { bytes, isPacked } = await beginningOf(file);
  const format = config.format ?? formatOf(file, bytes);
  if (isPacked && format === 'parquet')
    throw new HumanError(
      said('{0} is compressed (gzip) as a whole.', basename(file)),
      said('Unpack it (gunzip -k) and name the file inside.'),
      'bad_file',
    );
  const isJsonDocument = format === 'coco' || (format === 'jsonl' && beginningOfText(bytes).startsWith('['));
  return { format, files: [file], isJsonDocument };
}

async function locateMany(files: string[], config: PairsConfig): Promise<Located> {
  if (files.length === 0)
    throw new HumanError(
      said('No file fits {0}.', config.pairs),
      said('Look at the pattern and its folder.'),
      'file_not_found',
    );
  const first = await locateFile(files[0]!, config);
  const { format } = first;
  if (files.length > 1 && format !== 'tar' && format !== 'parquet')
    throw new HumanError(
      said('{0} fits {1} files, and only tar and parquet may come in several.', config.pairs, files.length),
      said('Join them into one file.'),
      'bad_file',
    );
  return { ...first, files };
}

async function locateFolder(folder: string, config: PairsConfig): Promise<Located> {
  if (config.format === 'folder') return { format: 'folder', files: [folder] };
  const names = await filesBelow(folder);
  const metadata = names.filter((name) => metadataName.test(basename(name)));
  if (config.format === null && metadata.length > 0) return locateMetadata(folder, metadata, config);
  for (const format of ['tar', 'parquet'] as const) {
    if (config.format !== null && config.format !== format) continue;
    const shards = names.filter((name) => shardName[format].test(name));
    refuseSeveralParts(shards, basename(folder), false);
    if (shards.length > 0) return { format, files: shards.map((name) => resolve(folder, name)) };
    if (config.format === format)
      throw new HumanError(
        said('{0} has no .{1} file.', folder, format),
        said('Look at data.pairs.'),
        'file_not_found',
      );
  }
  if (config.format !== null)
    throw new HumanError(
      said('{0} is a folder, not a {1} file.', folder, config.format),
      said('Name the file.'),
      'bad_file',
    );
  return { format: 'folder', files: [folder] };
}

const shardName = { tar: /\.(?:tar|tar\.gz|tgz)$/i, parquet: /\.parquet$/i };

/** The list of a Hugging Face image folder, which stands beside its images. */
async function locateMetadata(folder: string, names: string[], config: PairsConfig): Promise<Located> {
  refuseSeveralParts(names, basename(folder), true);
  if (names.length > 1)
    throw new HumanError(
      said('{0} holds {1} lists: {2}.', basename(folder), names.length, listed(names.slice(0, 5))),
      said('Name one of them in data.pairs.'),
      'bad_file',
    );
  return locateFile(resolve(folder, names[0]!), config);
}

/** The format of a file, by what is in it before what it is called. */
function formatOf(file: string, start: Buffer): DataFormat {
  if (start.subarray(0, 4).toString('latin1') === 'PAR1') return 'parquet';
  if (start.subarray(257, 262).toString('latin1') === 'ustar') return 'tar';
  const extension = extname(basename(file).replace(/\.gz$/i, '')).toLowerCase();
  if (extension === '.tar' || extension === '.tgz') return 'tar';
  if (extension === '.parquet') return 'parquet';
  const text = beginningOfText(start);
  if (extension === '.jsonl' || extension === '.ndjson') return 'jsonl';
  if (text.startsWith('[')) return 'jsonl';
  if (text.startsWith('{')) return isFirstOfLines(text, extension) ? 'jsonl' : 'coco';
  if (extension === '.json') return 'coco';
  if (/^[^\t\r\n]+#\d+\t/.test(text)) return 'flickr';
  return extension === '.tsv' ? 'tsv' : 'csv';
}

function beginningOfText(start: Buffer): string {
  return textOfBytes(start).trimStart();
}

/** Whether the first line is a whole object, and the second one too; a file called .json may be a single object. */
function isFirstOfLines(text: string, extension: string): boolean {
  const line = /^\{[^\n]*\}[ \t\r]*(?=\n|$)/.exec(text)?.[0];
  if (line === undefined) return false;
  return extension === '.json' ? text.slice(line.length).trimStart().startsWith('{') : true;
}
