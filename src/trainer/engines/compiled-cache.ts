import { LRUCache } from 'lru-cache';
import type { CompiledFunction } from './engine.ts';

type Compile = () => Promise<CompiledFunction>;
export type CompiledCache = LRUCache<string, Promise<CompiledFunction>, Compile>;

/** Compiled functions by key, at most `limit` at a time: captions have many lengths, and each is a graph of its own. */
export function compiledCache(limit: number): CompiledCache {
  return new LRUCache<string, Promise<CompiledFunction>, Compile>({
    max: limit,
    memoMethod: (_key, _stale, { context: compile }) => compile(),
    dispose: (compiling) => {
      void compiling.then(
        (compiled) => compiled.dispose(),
        () => {}, // who asked for it has the error
      );
    },
  });
}
