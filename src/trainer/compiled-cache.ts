import type { CompiledFunction } from './engines/engine.ts';

/**
 * Compiled functions by key, the least recently used disposed when there are more than `limit`: a run whose captions have many
 * lengths holds few graphs at a time.
 */
export class CompiledCache {
  readonly #functions = new Map<string, CompiledFunction>();

  constructor(readonly limit: number) {}

  async get(key: string, compile: () => Promise<CompiledFunction>): Promise<CompiledFunction> {
    let found = this.#functions.get(key);
    this.#functions.delete(key);
    found ??= await compile();
    this.#functions.set(key, found); // last in order: the most recently used
    for (const [oldest, compiled] of this.#functions) {
      if (this.#functions.size <= this.limit) break;
      compiled.dispose();
      this.#functions.delete(oldest);
    }
    return found;
  }

  dispose(): void {
    for (const compiled of this.#functions.values()) compiled.dispose();
    this.#functions.clear();
  }
}
