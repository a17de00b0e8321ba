/**
 * An encoder that never changes: what it makes of an input is the same at any time, so it can be computed once and kept. An image is its
 * normalised pixels [side, side, 3], a caption its token ids.
 */
export interface FrozenEncoder<Input extends Float32Array | Int32Array> {
  /** For messages. */
  name: string;
  /** What features depend on beside the input: the encoder's files and how it is run. */
  key: string;
  /** How many inputs are best computed together. */
  batch: number;
  compute(inputs: readonly Input[]): Promise<Features>;
  /** Gives the memory back; what is computed later takes it again. */
  dispose(): Promise<void>;
}

/** What an encoder makes of inputs. */
export interface Features {
  width: number;
  /** Of each input [rows, width]: one row when pooled, else one a region or token. */
  each: Float32Array[];
}

/** The pooled vector alone, which is all that late fusion wants, or every region's or token's. */
export type Rows = 'pooled' | 'all';
