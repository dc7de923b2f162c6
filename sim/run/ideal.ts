/** Switches that make one resource ideal, for counterfactual runs: what would be gained at most by improving it. */

export interface Ideal {
  /** Memory answers at once and without limit. */
  readonly dram: boolean;
  /** No buffer access ever waits for a port or bank. */
  readonly ports: boolean;
  /** Compressed weights decode in no time. */
  readonly decode: boolean;
  /** The array neither fills nor drains nor preloads. */
  readonly fill: boolean;
  /** The vector unit takes no time. */
  readonly vector: boolean;
}

export const NOTHING_IDEAL: Ideal = { dram: false, ports: false, decode: false, fill: false, vector: false };
