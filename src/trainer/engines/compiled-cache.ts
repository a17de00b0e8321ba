import { LRUCache } from 'lru-cache';
import type { CompiledFunction } from './engine.ts';

export type CompiledCache<Compiled extends CompiledFunction = CompiledFunction> = LRUCache<
  string,
  Promise<Compiled>,
  () => Promise<Compiled>
>;

/** Caption lengths whose steps stay compiled: most data have fewer, and a step of ResNet-50 and BERT-base takes 90 MB. */
export const compiledLengths = 8;

/** Compiled functions by key, at most `limit` at a time: captions have many lengths, and each is a graph of its own. */
export function compiledCache<Compiled extends CompiledFunction = CompiledFunction>(
  limit: number,
): CompiledCache<Compiled> {
  return new LRUCache<string, Promise<Compiled>, () => Promise<Compiled>>({
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
