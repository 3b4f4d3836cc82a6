/** How high the rows of a long list are: measured where they were drawn, guessed elsewhere. Every question costs log n. */
export class Heights {
  /** Counts how often all of it was guessed anew, for what is drawn from it. */
  version = $state(0);
  #total = 0;
  #guess = 1;
  #width = 0;
  #measured = new Float64Array(0);
  /** A binary indexed tree of what each row is higher than the guess. */
  #more = new Float64Array(1);

  get total(): number {
    return this.#total;
  }

  /** The list has so many rows, of which each is guessed to be so high at this width; 0 while that is not known yet. */
  fit(total: number, guess: number, wide: number): void {
    const width = wide || this.#width;
    if (total === this.#total && guess === this.#guess && width === this.#width) return;
    const known = guess === this.#guess && width === this.#width ? this.#measured : new Float64Array(0);
    [this.#total, this.#guess, this.#width] = [total, guess, width];
    this.#measured = new Float64Array(total);
    this.#more = new Float64Array(total + 1);
    for (const [at, height] of known.subarray(0, total).entries()) if (height > 0) this.#put(at, height);
    this.version += 1;
  }

  /** Takes what was measured: pairs of row and height. */
  take(measured: [at: number, height: number][]): void {
    for (const [at, height] of measured) if (at < this.#total && height > 0 && this.#measured[at] !== height) this.#put(at, height);
  }

  #put(at: number, height: number): void {
    const more = height - (this.#measured[at] || this.#guess);
    this.#measured[at] = height;
    for (let node = at + 1; node <= this.#total; node += node & -node) this.#more[node] = (this.#more[node] ?? 0) + more;
  }

  /** Where a row begins; with the number of rows, where the list ends. */
  offset(at: number): number {
    let sum = at * this.#guess;
    for (let node = at; node > 0; node -= node & -node) sum += this.#more[node] ?? 0;
    return sum;
  }

  /** The row at a place; the last one beyond the end. */
  at(place: number): number {
    let [row, left] = [0, place];
    for (let step = 2 ** Math.floor(Math.log2(Math.max(1, this.#total))); step >= 1; step /= 2) {
      const height = row + step <= this.#total ? step * this.#guess + (this.#more[row + step] ?? 0) : Infinity;
      if (height <= left) [row, left] = [row + step, left - height];
    }
    return Math.max(0, Math.min(row, this.#total - 1));
  }
}
