import { basename, dirname, resolve } from 'node:path';
import type { DataFormat } from '../experiment/config.ts';
import { HumanError } from '../protocol/human-error.ts';
import { leaveOutBadImages } from './leave-out.ts';
import { locate } from './readers/format.ts';
import { PairBuilder } from './pair-builder.ts';
import type { ImageSource, PairsConfig, PairSet } from './pair-set.ts';
import type { ReadContext } from './readers/context.ts';
import { readFlickr } from './readers/flickr.ts';
import { readFolder } from './readers/folder.ts';
import { readJsonDocument } from './readers/json-document.ts';
import { readJsonLines } from './readers/jsonl.ts';
import { readParquet } from './readers/parquet.ts';
import { readSeparated } from './readers/separated.ts';
import { readTar } from './readers/tar.ts';
import { said, t } from '../text/say.ts';

export type { BadRow, PairsConfig, PairSet } from './pair-set.ts';

export interface ReadOptions {
  /**
   * Also opens images, all of up to 1,000 and otherwise an even sample of 256, and leaves out those that cannot be decoded.
   * Without it images are only looked for, by listing their folders.
   */
  checkImages?: boolean;
  signal?: AbortSignal;
}

/**
 * Reads the pairs of a data set, whatever its format. Rows that cannot be used are counted and listed; a HumanError says when the
 * file is not there (`file_not_found`), lacks a column (`missing_image_column`, `missing_caption_column`, `missing_split_column`),
 * is of another kind (`bad_file`) or has no usable pair (`no_pairs`).
 */
export async function readPairs(config: PairsConfig, options: ReadOptions = {}): Promise<PairSet> {
  const { format, files, isJsonDocument } = await locate(config);
  const builder = new PairBuilder(config.split_by);
  const imageRoot = config.image_root ? resolve(config.image_root) : dirname(files[0]!);
  const context: ReadContext = { config, files, imageRoot, builder, signal: options.signal };
  const read = isJsonDocument ? readJsonDocument : readers[format];
  const source = await read(context);
  const name = basename(files[0]!);
  try {
    await leaveOutBadImages(builder, source, { name, open: options.checkImages, signal: options.signal });
    if (builder.count === 0) throw noPairs(builder, name);
  } catch (error) {
    await source.close();
    throw error;
  }
  builder.noteCuts();
  builder.noteRepeats();
  return builder.finish(format, files, source);
}

const readers: Record<DataFormat, (context: ReadContext) => Promise<ImageSource>> = {
  csv: readSeparated,
  tsv: readSeparated,
  jsonl: readJsonLines,
  folder: readFolder,
  coco: readJsonDocument,
  flickr: readFlickr,
  tar: readTar,
  parquet: readParquet,
};

function noPairs(builder: PairBuilder, name: string): HumanError {
  const first = builder.firstBad();
  const why = first
    ? t(
        ' The first reason: {0}{1}: {2}.',
        first.file,
        first.line ? t(' line {0}', first.line) : '',
        first.reason,
      )
    : '';
  return new HumanError(
    said(
      '{0} has no usable pair (rows: {1}, not usable: {2}).{3}',
      name,
      builder.rows,
      builder.badCount,
      why,
    ),
    said('Every row needs an image that is there and a caption.'),
    'no_pairs',
  );
}
