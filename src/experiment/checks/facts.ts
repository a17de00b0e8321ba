import type { EngineName } from '../config.ts';

/** What is known of the pairs from outside: this layer reads no file. */
export interface DataFacts {
  /** Rows of the pairs file, and those that can be trained on. */
  rows: number;
  usable: number;
  /** Different pictures and captions among the usable pairs. */
  pictures: number;
  captions: number;
  /** Different pictures that rows name and that are not there or are no pictures. */
  bad_pictures: number;
  train_pairs: number;
  val_pairs: number;
  /** Names in the header; absent where the format has none. */
  columns?: string[];
  /** Captions that say left or right. */
  left_right?: number;
  /** False: there is no such file or folder. */
  exists?: boolean;
}

/** Everything from outside that the checks can use; what is absent is not checked. */
export interface Facts {
  data: Partial<DataFacts>;
  /** By dotted key (`data.val`, `model.text_encoder.weights`): whether the path is there. */
  exists: Record<string, boolean>;
  /** What can compute here, and for those that cannot, why and what to install. */
  engines: { name: EngineName; works: boolean; reason: string }[];
  /** Bytes of memory that a run may use. */
  memory_bytes: number;
  /** A graphics card computes. */
  gpu: boolean;
}
