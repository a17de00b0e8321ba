/** A map that forgets what was used least recently when it grows over `limit`, and tells `forget` about it. */
export class BoundedCache<T> {
  readonly #entries = new Map<string, T>();

  constructor(
    readonly limit: number,
    readonly forget: (value: T) => void,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  /** The value under `key`, made by `make` when it is not there. */
  get(key: string, make: () => T): T {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    const value = make();
    this.#entries.set(key, value);
    for (const [oldest, old] of this.#entries) {
      if (this.#entries.size <= this.limit) break;
      this.#entries.delete(oldest);
      this.forget(old);
    }
    return value;
  }

  clear(): void {
    for (const value of this.#entries.values()) this.forget(value);
    this.#entries.clear();
  }
}
