/**
 * Groups of output channels, one after the other. Accumulators are there twice: while a group is multiplied, the sums of the one
 * before leave (PPU), and a group takes the buffer of the one before that.
 *
 *     ends(g)   = max(ends(g-1), left(g-2)) + cycles(g)
 *     left(g)   = max(ends(g), left(g-1)) + leaving(g)
 */
export class GroupPipeline {
  ends = 0;
  left = 0;
  #leftBefore = 0;

  /** @param cycles of the slowest PE @param leaving cycles in which the sums of the PE with most leave */
  add(cycles: number, leaving: number): void {
    this.ends = Math.max(this.ends, this.#leftBefore) + cycles;
    this.#leftBefore = this.left;
    this.left = Math.max(this.ends, this.left) + leaving;
  }
}
