/**
 * How long the loads of bases hold up the lines of a team. With an engine to spare the next basis is loaded from the moment the
 * present one is taken over, so only what is longer than the present one's rows is seen; with none to spare every load is.
 * A new team has other filters, and so other bases.
 */
export class BasisLoads {
  /** Loads of the team so far. */
  loads = 0;
  /** Cycles seen of all loads but the first one, where an engine is to spare. */
  exposedCycles = 0;
  /** Cycles in which rows of the present basis were worked off. */
  residentCycles = 0;
  #basis = -1;
  readonly loadCycles: number;
  readonly #hasSpareEngine: boolean;

  constructor(loadCycles: number, hasSpareEngine: boolean) {
    this.loadCycles = loadCycles;
    this.#hasSpareEngine = hasSpareEngine;
  }

  /** A pass with rows of a basis; -1 for weights that are not rebuilt. */
  work(basis: number, cycles: number): void {
    if (basis !== this.#basis) {
      if (!this.#hasSpareEngine) this.exposedCycles += this.loadCycles;
      else if (this.loads > 0) this.exposedCycles += Math.max(0, this.loadCycles - this.residentCycles);
      this.#basis = basis;
      this.loads++;
      this.residentCycles = 0;
    }
    this.residentCycles += cycles;
  }
}
