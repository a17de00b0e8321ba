/** A column of 32-bit integers that grows by doubling: 4 bytes a value once finished. */
export class IntColumn {
  private values = new Int32Array(1 << 10);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Int32Array(this.values.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  /** The values, in an array of just their size. */
  finish(): Int32Array {
    this.values = this.values.slice(0, this.length);
    return this.values;
  }
}
