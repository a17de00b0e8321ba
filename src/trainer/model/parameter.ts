import type { Branch } from '../../experiment/config.ts';

/**
 * One named array of a model, with PyTorch's name and layout, so that checkpoints interchange with torchvision and transformers.
 * A `parameter` is what the optimizer changes, a `buffer` is batch norm's running statistic.
 */
export interface ParameterSpec {
  name: string;
  shape: readonly number[];
  branch: Branch;
  kind: 'parameter' | 'buffer';
  initial: Initial;
  /** Of an encoder's array: how many of the encoder's layers lie below it and its own. 0: embeddings, or the stem; absent outside of encoders. */
  layer?: number;
  /** Of a projection: the encoder that it stands on. */
  head?: 'image' | 'text';
  /** The experiment says how it starts, whatever weights are loaded. */
  isGiven?: boolean;
}

/** The specs as those of one layer of an encoder. */
export const onLayer = (layer: number, specs: readonly ParameterSpec[]): ParameterSpec[] =>
  specs.map((spec) => ({ ...spec, layer }));

/** How an array starts when no weights are loaded. */
export type Initial =
  | { kind: 'constant'; value: number }
  /** `zeroRow`: that row is all zeros (the embedding of the padding token). */
  | { kind: 'normal'; std: number; zeroRow?: number }
  | { kind: 'uniform'; bound: number };

/** The arrays of a model by name. */
export type Arrays = Record<string, Float32Array>;

export const zeros: Initial = { kind: 'constant', value: 0 };
export const ones: Initial = { kind: 'constant', value: 1 };

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, side) => product * side, 1);
