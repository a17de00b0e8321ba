/**
 * The `count` largest of each query's values, while the values pass by once: a heap of that size per query, its worst on top.
 * Of equal values the earlier place counts as the larger one; NaN is less than everything.
 */
export class Candidates {
  private readonly values: Float32Array;
  private readonly places: Int32Array;
  private readonly sizes: Int32Array;

  constructor(
    queries: number,
    private readonly count: number,
  ) {
    this.values = new Float32Array(queries * count);
    this.places = new Int32Array(queries * count);
    this.sizes = new Int32Array(queries);
  }

  /** Takes a value of a query up; its places must come in rising order. */
  offer(query: number, place: number, similarity: number): void {
    const value = Number.isNaN(similarity) ? -Infinity : similarity;
    const base = query * this.count;
    const size = this.sizes[query]!;
    if (size < this.count) {
      this.sizes[query] = size + 1;
      this.rise(base, size, value, place);
    } else if (value > this.values[base]!) this.sink(base, size, value, place);
  }

  /** Places of a query's largest values, largest first. */
  of(query: number): Int32Array {
    const base = query * this.count;
    const size = this.sizes[query]!;
    const order = Int32Array.from({ length: size }, (_, at) => base + at);
    order.sort((a, b) => this.values[b]! - this.values[a]! || this.places[a]! - this.places[b]!);
    return order.map((at) => this.places[at]!);
  }

  private rise(base: number, from: number, value: number, place: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.isWorse(value, place, base + parent)) break;
      this.copy(base + parent, base + at);
      at = parent;
    }
    this.put(base + at, value, place);
  }

  /** Puts a value in the place of the worst one. */
  private sink(base: number, size: number, value: number, place: number): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      const right = base + child + 1;
      if (child + 1 < size && this.isWorse(this.values[right]!, this.places[right]!, base + child)) child++;
      if (this.isWorse(value, place, base + child)) break;
      this.copy(base + child, base + at);
      at = child;
    }
    this.put(base + at, value, place);
  }

  private isWorse(value: number, place: number, than: number): boolean {
    const other = this.values[than]!;
    return value < other || (value === other && place > this.places[than]!);
  }

  private copy(from: number, to: number): void {
    this.put(to, this.values[from]!, this.places[from]!);
  }

  private put(at: number, value: number, place: number): void {
    this.values[at] = value;
    this.places[at] = place;
  }
}
