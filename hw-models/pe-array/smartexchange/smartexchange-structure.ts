/** What a SmartExchange array is made of and which tiles suit it. */
import type { ArrayInventory } from "../layer-values.js";
import type { TilingHints } from "../pe-array-kind.js";
import type { SmartExchangeParameters } from "./smartexchange-parameters.js";

/** Columns of the kernels and bases that the engines and FIFOs are sized for. */
const KERNEL_COLUMNS = 3;
const BASIS_BITS = 8;
/** Powers of two that a coefficient can name. */
const COEFFICIENT_POWERS = 7;
const COEFFICIENT_BITS = 4;

/** Levels of the trees of adders that bring the sums of a slice's lines together, a register behind each. */
export function adderTreeLevels(lines: number): number {
  return Math.ceil(Math.log2(lines));
}

/** `64 slices x 16 lines x 8 bit-serial MACs`. */
export function describeSmartExchange({ slices, lines, macsPerLine }: SmartExchangeParameters): string {
  return `${slices} slices x ${lines} lines x ${macsPerLine} bit-serial MACs`;
}

/** A filter for each slice, a channel of a 3x3 kernel for each line, a position for each MAC. Sums stay in their slice. */
export function smartExchangeHints({ slices, lines, macsPerLine }: SmartExchangeParameters): TilingHints {
  return {
    reductionInArray: Number.POSITIVE_INFINITY,
    busyExtents: { outputs: macsPerLine, K: slices, reduction: lines * KERNEL_COLUMNS ** 2 },
    stepK: slices,
  };
}

/**
 * A MAC selects a multiple of its weight (0, 1 or 2 times, by a multiplexer), shifts it to its digit's place, adds it to its product,
 * and adds the product to its sum. A line has FIFOs, twice, and engines: a basis, the weight that leaves, and shift-and-add for
 * each term of a sum. A slice has a tree of adders and a sum for each MAC of a line.
 */
export function smartExchangeInventory(parameters: SmartExchangeParameters, accumulatorBits: number): ArrayInventory {
  const { slices, lines, macsPerLine, rebuildEnginesPerLine, activationBits, weightBits } = parameters;
  const allLines = slices * lines;
  const macs = allLines * macsPerLine;
  const engines = allLines * rebuildEnginesPerLine;
  const sums = slices * macsPerLine;
  const productBits = activationBits + weightBits;
  const rebuiltBits = BASIS_BITS + COEFFICIENT_POWERS + 1;
  const fifoBits = 2 * (macsPerLine + KERNEL_COLUMNS - 1) * activationBits;
  const basisBits = KERNEL_COLUMNS ** 2 * BASIS_BITS;
  return {
    multipliers: [],
    adders: [
      { count: macs, bits: productBits },
      { count: macs, bits: accumulatorBits },
      { count: engines * KERNEL_COLUMNS, bits: rebuiltBits },
      { count: sums * lines, bits: accumulatorBits },
    ],
    shifters: [
      { count: macs, bits: productBits, range: activationBits },
      { count: engines * KERNEL_COLUMNS, bits: rebuiltBits, range: COEFFICIENT_POWERS },
    ],
    multiplexerBits: 2 * macs * weightBits + 2 * engines * weightBits,
    registerBits:
      macs * (activationBits + productBits + 2 * accumulatorBits) +
      allLines * fifoBits +
      engines * (basisBits + KERNEL_COLUMNS * COEFFICIENT_BITS + weightBits) +
      sums * lines * accumulatorBits,
    memories: [],
  };
}
