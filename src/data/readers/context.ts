import type { PairBuilder } from '../pair-builder.ts';
import type { PairsConfig } from '../pair-set.ts';

/** What every reader is given: it adds rows to the builder and returns where the images' bytes come from. */
export interface ReadContext {
  config: PairsConfig;
  /** Files to read, absolute, sorted; a folder's own path for the folder format. */
  files: string[];
  /** Folder that relative image paths start from; absolute. */
  imageRoot: string;
  builder: PairBuilder;
  signal: AbortSignal | undefined;
}
