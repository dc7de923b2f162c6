/** Random weight matrices with the structure that each encoding asks for, made without the encodings' own code. */
import type { EncodingChoice, WeightMatrixShape } from "../../sim/ir/encodings/encoding.js";
import type { ENCODINGS } from "../../sim/ir/encodings/index.js";

/** Words are choices, which say how weights are laid out and not which they are, save the axis of groups. */
type Parameters = Record<string, number | string>;
type Numbers = Record<string, number>;
/** A whole number from 0 up to, but without, `limit`. */
export type Draw = (limit: number) => number;

interface StructuredWeights {
  readonly parameters: (draw: Draw) => Parameters;
  readonly values: (shape: WeightMatrixShape, parameters: Numbers, draw: Draw, axis: string) => Int32Array;
}

/** A generator of whole numbers from a seed. */
export function drawFrom(seed: number): Draw {
  let state = seed | 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return Math.floor(((state >>> 0) / 2 ** 32) * limit);
  };
}

/** Any value of a width. */
function anyValue({ valueBits }: WeightMatrixShape, draw: Draw): number {
  return draw(2 ** valueBits) - 2 ** (valueBits - 1);
}

function someValues(shape: WeightMatrixShape, draw: Draw): Int32Array {
  const kept = 1 + draw(10);
  return Int32Array.from({ length: shape.reduction * shape.columns }, () =>
    draw(10) < kept ? anyValue(shape, draw) : 0,
  );
}

function fits(value: number, { valueBits }: WeightMatrixShape): boolean {
  return value >= -(2 ** (valueBits - 1)) && value < 2 ** (valueBits - 1);
}

/** Zeroes rows of a matrix that `keeps` refuses. */
function pruned(shape: WeightMatrixShape, draw: Draw, keeps: (row: number, column: number) => boolean): Int32Array {
  return someValues(shape, draw).map((value, at) =>
    keeps(Math.floor(at / shape.columns), at % shape.columns) ? value : 0,
  );
}

/** Places of a row-major matrix that lie in one line of groups: a column, a column's rows of one kernel position, or a row. */
export function linesAlong(axis: string, { reduction, columns, kernelSize = 1 }: WeightMatrixShape): number[][] {
  const lines = new Map<string, number[]>();
  const keyOf = (row: number, column: number): string =>
    axis === "columns" ? `${row}` : axis === "channels" ? `${row % kernelSize},${column}` : `${column}`;
  for (let row = 0; row < reduction; row++) {
    for (let column = 0; column < columns; column++) {
      const key = keyOf(row, column);
      lines.set(key, [...(lines.get(key) ?? []), row * columns + column]);
    }
  }
  return [...lines.values()];
}

/** Levels of one term after the other: with one term more than halves, p_i in {0, 2^-(i + j*n)}; else the authors' tables. */
const APOT_FRACTIONS: Readonly<Record<number, readonly (readonly number[])[]>> = {
  3: [[0, 1 / 2, 1 / 4, 1 / 8]],
  4: [
    [0, 1 / 2, 1 / 4, 1 / 16],
    [0, 1 / 8],
  ],
  5: [
    [0, 1 / 2, 1 / 8, 1 / 32],
    [0, 1 / 4, 1 / 16, 1 / 64],
  ],
  6: [
    [0, 1 / 2, 1 / 8, 1 / 64],
    [0, 1 / 4, 1 / 16, 1 / 128],
    [0, 1 / 32],
  ],
  7: [
    [0, 1 / 2, 1 / 16, 1 / 128],
    [0, 1 / 4, 1 / 32, 1 / 256],
    [0, 1 / 8, 1 / 64, 1 / 512],
  ],
};

/** Every magnitude of a width, rising, in units of the smallest power of two. */
export function apotMagnitudes(bits: number): number[] {
  let sums = [0];
  for (const term of APOT_FRACTIONS[bits]!) sums = sums.flatMap((sum) => term.map((value) => sum + value));
  const smallest = Math.min(...APOT_FRACTIONS[bits]!.flat().filter((value) => value > 0));
  return sums.map((sum) => sum / smallest).sort((a, b) => a - b);
}

export const STRUCTURED_WEIGHTS: Readonly<Record<keyof typeof ENCODINGS, StructuredWeights>> = {
  dense: { parameters: () => ({}), values: (shape, _, draw) => someValues(shape, draw) },
  bitmap: { parameters: () => ({}), values: (shape, _, draw) => someValues(shape, draw) },
  csr: { parameters: () => ({}), values: (shape, _, draw) => someValues(shape, draw) },
  "run-length": {
    parameters: (draw) => ({ stepBits: 1 + draw(4) }),
    values: (shape, _, draw) => someValues(shape, draw),
  },
  csc: { parameters: () => ({}), values: (shape, _, draw) => someValues(shape, draw) },
  ellpack: {
    parameters: (draw) => ({ block: 1 + draw(5) }),
    values: (shape, { block }, draw) => {
      const kept = new Map<string, boolean>();
      return pruned(shape, draw, (row, column) => {
        const key = `${Math.floor(row / block!)},${Math.floor(column / block!)}`;
        if (!kept.has(key)) kept.set(key, draw(3) === 0);
        return kept.get(key)!;
      });
    },
  },
  nm: {
    parameters: (draw) => {
      const m = 1 + draw(9);
      const axis = ["filter", "channels", "columns"][draw(3)]!;
      return { n: 1 + draw(m), m, axis, metadata: ["positional", "combinatorial"][draw(2)]! };
    },
    values: (shape, { n, m }, draw, axis) => {
      const values = new Int32Array(shape.reduction * shape.columns);
      for (const line of linesAlong(axis, shape)) {
        for (let from = 0; from < line.length; from += m!) {
          const group = line.slice(from, from + m!);
          for (let tries = 0; tries < Math.min(n!, group.length); tries++) {
            values[group[draw(group.length)]!] = anyValue(shape, draw);
          }
        }
      }
      return values;
    },
  },
  pow2: {
    parameters: (draw) => ({ bits: 2 + draw(7) }),
    values: (shape, { bits }, draw) => {
      const least = draw(shape.valueBits);
      const exponents = Math.min(32 - least, 2 ** (bits! - 1) - 1);
      return Int32Array.from({ length: shape.reduction * shape.columns }, () => {
        const value = (draw(2) === 0 ? 1 : -1) * 2 ** (least + draw(exponents));
        return draw(4) === 0 || !fits(value, shape) ? 0 : value;
      });
    },
  },
  apot: {
    parameters: (draw) => ({ bits: 3 + draw(5) }),
    values: (shape, { bits }, draw) => {
      const magnitudes = apotMagnitudes(bits!);
      const shift = draw(shape.valueBits);
      return Int32Array.from({ length: shape.reduction * shape.columns }, () => {
        const value = (draw(2) === 0 ? 1 : -1) * magnitudes[draw(magnitudes.length)]! * 2 ** shift;
        return fits(value, shape) ? value : 0;
      });
    },
  },
  codebook: {
    parameters: (draw) => ({ bits: 1 + draw(5) }),
    values: (shape, { bits }, draw) => {
      const table = Array.from({ length: 2 ** bits! }, () => anyValue(shape, draw));
      return Int32Array.from({ length: shape.reduction * shape.columns }, () => table[draw(table.length)]!);
    },
  },
  "block-punched": {
    parameters: (draw) => ({ channels: 1 + draw(5), filters: 1 + draw(5) }),
    values: (shape, { channels, filters }, draw) => {
      const { kernelSize = 1 } = shape;
      const kept = new Map<string, boolean>();
      return pruned(shape, draw, (row, column) => {
        const block = [Math.floor(row / kernelSize / channels!), Math.floor(column / filters!), row % kernelSize];
        const key = block.join();
        if (!kept.has(key)) kept.set(key, draw(2) === 0);
        return kept.get(key)!;
      });
    },
  },
  pattern: {
    parameters: (draw) => ({ entries: 1 + draw(5), patterns: 1 + draw(8) }),
    values: (shape, { entries, patterns }, draw) => {
      const { kernelSize = 1, reduction, columns } = shape;
      const dictionary = Array.from({ length: patterns! }, () => {
        const places = Array.from({ length: kernelSize }, (_, place) => place);
        while (places.length > entries!) places.splice(draw(places.length), 1);
        return places;
      });
      const values = new Int32Array(reduction * columns);
      for (let kernel = 0; kernel < reduction / kernelSize; kernel++) {
        for (let column = 0; column < columns; column++) {
          if (draw(5) === 0) continue;
          for (const place of dictionary[draw(patterns!)]!) {
            values[(kernel * kernelSize + place) * columns + column] = anyValue(shape, draw) || -1;
          }
        }
      }
      return values;
    },
  },
  channel: {
    parameters: () => ({}),
    values: (shape, _, draw) => {
      const { kernelSize = 1 } = shape;
      const inputs = Array.from({ length: shape.reduction / kernelSize }, () => draw(3) > 0);
      const outputs = Array.from({ length: shape.columns }, () => draw(3) > 0);
      return pruned(shape, draw, (row, column) => inputs[Math.floor(row / kernelSize)]! && outputs[column]!);
    },
  },
};

/** A choice of an encoding and weights that it can store. */
export function structuredWeights(
  name: keyof typeof ENCODINGS,
  shape: WeightMatrixShape,
  seed: number,
): { readonly choice: EncodingChoice; readonly values: Int32Array } {
  const draw = drawFrom(seed);
  const { parameters, values } = STRUCTURED_WEIGHTS[name];
  const chosen = parameters(draw);
  const axis = String(chosen.axis ?? "filter");
  return { choice: { name, parameters: chosen }, values: values(shape, chosen as Numbers, draw, axis) };
}
