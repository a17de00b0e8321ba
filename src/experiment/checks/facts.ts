import type { EngineName } from '../config.ts';

/** What is known of the pairs from outside: this layer reads no file. */
export interface DataFacts {
  /** Rows of the pairs file, and those that can be trained on. */
  rows: number;
  usable: number;
  /** Different images and captions among the usable pairs. */
  pictures: number;
  captions: number;
  /** Different images that rows name and that are not there or are no images. */
  bad_pictures: number;
  /** Different images that were looked at for `bad_pictures`; absent: all of them. */
  looked_at_images?: number;
  train_pairs: number;
  val_pairs: number;
  /** The smallest val_fraction that holds out a pair, where the one asked for holds out none. */
  smallest_val_fraction?: number;
  /** Names in the header; absent where the format has none. */
  columns?: string[];
  /** Captions that say left or right. */
  left_right?: number;
  /** Probability that another pair, drawn at random, has the same caption: the sum of n(n-1) over the captions, by N(N-1). */
  equal_caption_share?: number;
  /** Images that stand on both sides of the split, and what makes them the same: their path, their bytes, or captions that `split_by` keeps apart. */
  shared_images?: { count: number; by: 'path' | 'bytes' | 'split_by' };
  /** Images of one list whose bytes another image of it has under another name. */
  repeated_images?: number;
  /** All images that were looked at have the same pixels. */
  images_all_alike?: boolean;
  /** Captions that are a data frame's missing value: nan, null, None. */
  missing_value_captions?: number;
  /** Captions of which the vocabulary knows no word. */
  unknown_captions?: number;
  /** Captions that are cut at data.max_length. */
  cut_captions?: number;
  /** False: there is no such file or folder. */
  exists?: boolean;
}

/** Everything from outside that the checks can use; what is absent is not checked. */
export interface Facts {
  data: Partial<DataFacts>;
  /** By dotted key (`data.val`, `model.text_encoder.weights`): whether the path is there. */
  exists: Record<string, boolean>;
  /** By dotted key: the whole path that a written one means. */
  full_paths: Record<string, string>;
  /** By dotted key, of a path that is not there: names in its folder (folders end with a slash), as the path would be written. */
  nearby: Record<string, readonly string[]>;
  /** What can compute here, and for those that cannot, why and what to install. */
  engines: { name: EngineName; works: boolean; reason: string }[];
  /** Bytes of memory that a run may use. */
  memory_bytes: number;
  /** A graphics card computes. */
  gpu: boolean;
}
