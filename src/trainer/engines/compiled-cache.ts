import { BoundedCache } from '../../onnx-backend/cache.ts';
import type { CompiledFunction } from './engine.ts';

export type CompiledCache = BoundedCache<Promise<CompiledFunction>>;

/** Compiled functions by key, at most `limit` at a time: captions have many lengths, and each is a graph of its own. */
export function compiledCache(limit: number): CompiledCache {
  return new BoundedCache(limit, (compiling) => {
    void compiling.then(
      (compiled) => compiled.dispose(),
      () => {}, // who asked for it has the error
    );
  });
}
