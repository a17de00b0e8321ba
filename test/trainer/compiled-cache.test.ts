import { expect, it } from 'vitest';
import { compiledCache } from '../../src/trainer/engines/compiled-cache.ts';
import type { CompiledFunction } from '../../src/trainer/engines/engine.ts';

it('compiled functions that were used least recently are disposed of, and all of them in the end', async () => {
  const disposed: string[] = [];
  const made: string[] = [];
  const cache = compiledCache(2);
  const use = (key: string): Promise<CompiledFunction> =>
    cache.memo(key, {
      context: () => {
        made.push(key);
        return Promise.resolve({ dispose: () => disposed.push(key) } as unknown as CompiledFunction);
      },
    });
  for (const key of ['a', 'b', 'a', 'c', 'b']) await use(key);
  expect(made).toEqual(['a', 'b', 'c', 'b']);
  expect(disposed).toEqual(['b', 'a']);
  cache.clear();
  await Promise.resolve();
  expect(disposed).toEqual(['b', 'a', 'c', 'b']);
});
