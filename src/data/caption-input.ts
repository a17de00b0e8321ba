import type { FrozenInputs } from './frozen-inputs.ts';

/** Features of captions by their token ids. */
export interface CaptionFeatures {
  width: number;
  /** [rows, width] of each caption: one row where they are pooled, else one a token. */
  of(captions: readonly Int32Array[]): Promise<Float32Array[]>;
  rows(ids: Int32Array): number;
}

/** Those that are kept. */
export interface KeptCaptions extends CaptionFeatures {
  isKept(ids: Int32Array): Promise<boolean>;
  /** On the disk. */
  bytes(ids: Int32Array): number;
}

/** null where the text encoder learns. */
export function captionFeatures(frozen: FrozenInputs | null): KeptCaptions | null {
  if (!frozen?.text) return null;
  const { text, isPooled } = frozen;
  const rows = (ids: Int32Array): number => (isPooled ? 1 : ids.length);
  // Their ids say all: no two captions of the same ids differ to an encoder.
  const stamp = (ids: Int32Array): string => ids.join(' ');
  return {
    width: text.width,
    rows,
    of: (captions) =>
      Promise.all(captions.map((ids) => text.get(stamp(ids), rows(ids), () => Promise.resolve(ids)))),
    isKept: (ids) => text.has(stamp(ids), rows(ids)),
    bytes: (ids) => text.bytes(rows(ids)),
  };
}
