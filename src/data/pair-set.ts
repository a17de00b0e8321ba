import type { DataConfig, DataFormat } from '../experiment/config.ts';

/** What `readPairs` needs to know of an experiment. */
export type PairsConfig = Pick<
  DataConfig,
  'pairs' | 'format' | 'image_column' | 'caption_column' | 'delimiter' | 'image_root' | 'split_by'
>;

/**
 * The pairs of a data set in compact columns: 12 bytes a pair (16 when split by a column), and each distinct caption and
 * image name once, as UTF-8 plus 4 bytes.
 */
export interface PairSet {
  format: DataFormat;
  /** The files that were read; absolute. */
  files: string[];
  /** Rows of the file: lines without the header and blank ones, records, annotations, images of a folder, samples of a shard. */
  rows: number;
  /** Pairs that can be trained on. */
  count: number;
  /** Distinct images among the pairs. */
  images: number;
  /** Distinct captions among the pairs. */
  captions: number;
  /** Distinct images that the rows name and that are not there or are no images (as far as they were looked at). */
  badImages: number;
  /** Of which images could be decoded in a sample, where some could not: those that are not there count as bad. null: no such sample. */
  sample: ImageSample | null;
  /** The images that were opened, by id; empty where none was asked to be. */
  looked: ReadonlyMap<number, ImageLook>;
  /** Same id, same image: 0 to `imageIdLimit` - 1. */
  imageId(pair: number): number;
  captionId(pair: number): number;
  imageIdLimit: number;
  /** Name of the image: its path from the image root, or `shard.tar/key.png`, with forward slashes. */
  imageKey(pair: number): string;
  caption(pair: number): string;
  /** Rows with the same key stand on one side of the split. */
  splitKey(pair: number): string;
  /** Same id, same key: 0 to `splitIdLimit` - 1. */
  splitId(pair: number): number;
  splitIdLimit: number;
  /** Whether the file itself holds a pair out for validation; null: it says nothing of that, and the split is drawn. */
  heldOut: ((pair: number) => boolean) | null;
  /** 1-based line of the file that the pair begins in; null where there are no lines. */
  line(pair: number): number | null;
  /** The image's file as it lies there; an Error when it cannot be read. */
  loadImage(pair: number): Promise<Buffer>;
  /** The image's own file, absolute; null where it lies in one with others. */
  imageFile(pair: number): string | null;
  /** Changes when the image's bytes do, without reading them: path, size, time; null when only its bytes can tell. */
  imageStamp(pair: number): Promise<string | null>;
  /** Rows that cannot be used, in order of lines; the first 1,000 of `badCount`. */
  bad: BadRow[];
  badCount: number;
  /** What a person should know and no row is to blame for. */
  notes: string[];
  /** Names of the columns; null where there are none. */
  columns: string[] | null;
  /** The same for the same pairs in the same order: images by name, captions, split; of the images' bytes see `dataFingerprint`. */
  fingerprint(): string;
  /** Bytes that the columns and texts occupy. */
  bytes: number;
  /** Closes files that images were read from; the set can be used on and opens them again. */
  close(): Promise<void>;
}

/** What an opened image holds. */
export interface ImageLook {
  /** Length of its file. */
  length: number;
  /** Same key, same bytes. */
  bytes: string;
  /** Same key, same pixels once brought down to a small square. */
  pixels: string;
}

/** What was found in a part of the images, spread evenly over all that are named. */
export interface ImageSample {
  images: number;
  bad: number;
}

export interface BadRow {
  /** What is to blame: the row, or the image that it names. */
  code: 'bad_row' | 'bad_image';
  /** Name of the pairs file, or of the image or member where there are no lines. */
  file: string;
  line: number | null;
  reason: string;
}

export interface ImageFiles {
  /** Folder that the keys are paths from. */
  root: string;
  /** Files that do not lie where their keys say, by image id. */
  places: Map<number, string>;
  /** The file of an image; absolute. */
  path(imageId: number): string;
}

/** Where the bytes of images come from, by image id. */
export interface ImageSource {
  load(imageId: number): Promise<Buffer>;
  stamp(imageId: number): Promise<string | null>;
  close(): Promise<void>;
  /** Where images are files of their own. */
  files?: ImageFiles;
  /** Bytes kept per image for finding it again. */
  bytes: number;
}
