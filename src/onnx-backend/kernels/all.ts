import { arithmetic } from './arithmetic.ts';
import { convolutions } from './conv.ts';
import { indexing } from './indexing.ts';
import type { KernelTable } from './kernel.ts';
import { matmuls } from './matmuls.ts';
import { norms } from './norm.ts';
import { pools } from './pool.ts';
import { random } from './random.ts';
import { reductions } from './reductions.ts';
import { shapes } from './shapes.ts';
import { unaries } from './unary.ts';

/** Every kernel of the backend by tfjs's name. */
export const kernels: KernelTable = {
  ...arithmetic,
  ...unaries,
  ...reductions,
  ...shapes,
  ...indexing,
  ...matmuls,
  ...convolutions,
  ...pools,
  ...norms,
  ...random,
};

/** Kernels whose result has the elements of its one input: eager calls share the memory instead of running. */
export const views: ReadonlySet<string> = new Set(['Identity', 'Reshape', 'ExpandDims']);
