/** Numbers by name, a row for each step or evaluation; the newest `kept` rows stay. */
export class Columns {
  readonly #columns = new Map<string, Float64Array>();
  readonly #kept: number;
  #end = 0;

  constructor(kept: number) {
    this.#kept = kept;
  }

  /** Names that a row does not have are NaN in it. */
  push(row: Readonly<Record<string, number>>): void {
    // Twice the room, so that rows move once in `kept` of them.
    if (this.#end === 2 * this.#kept) {
      for (const column of this.#columns.values()) column.copyWithin(0, this.#kept);
      this.#end = this.#kept;
    }
    for (const name in row)
      if (!this.#columns.has(name)) this.#columns.set(name, new Float64Array(2 * this.#kept).fill(NaN));
    for (const [name, column] of this.#columns) column[this.#end] = row[name] ?? NaN;
    this.#end++;
  }

  /** The newest `count` numbers by a name, oldest first, as a view; null when there are not as many rows, or none by that name. */
  last(name: string, count: number): Float64Array | null {
    const column = this.#columns.get(name);
    return column && count <= this.length ? column.subarray(this.#end - count, this.#end) : null;
  }

  /** All numbers by a name that are kept, oldest first. */
  all(name: string): Float64Array {
    return this.last(name, this.length) ?? new Float64Array(0);
  }

  get length(): number {
    return this.#end;
  }
}
