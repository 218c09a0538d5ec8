const CAPACITY = 1_024;

/** Numbers that are appended one by one and read back by position. */
export class GrowingColumn {
  /** Only the first `length` count. */
  values = new Float64Array(CAPACITY);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const wider = new Float64Array(this.values.length * 2);
      wider.set(this.values);
      this.values = wider;
    }
    this.values[this.length] = value;
    this.length += 1;
  }
}
