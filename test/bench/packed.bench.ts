/**
 * Products and convolutions with packed weights on SIMD, beside those with packed dense ones in the same run. Names say the GMAC of
 * one product of the weights that are left (effective) and, in the group's title, of all of them (dense-equivalent), so that hz
 * times these is GMAC/s of either. Preparing weights is timed apart.
 */
import { bench, describe } from "vitest";
import type { KernelKind } from "../../algorithms/kernels/kernel-set.js";
import { preparePackedConv } from "../../algorithms/kernels/packed-conv.js";
import { type PackedKernelOptions, preparePacked } from "../../algorithms/kernels/packed-matmul.js";
import { simdSmartdealRebuild } from "../../algorithms/kernels/simd-smartdeal.js";
import { smartdealRebuild } from "../../algorithms/kernels/smartdeal-rebuild.js";
import type { EncodingChoice, WeightMatrixShape } from "../../sim/ir/encodings/encoding.js";
import { createEncoding } from "../../sim/ir/encodings/index.js";
import { geometry } from "../helpers/kernel-tensors.js";
import { drawFrom } from "../helpers/structured-weights.js";

const draw = drawFrom(1);

/** A byte other than 0. */
const some = () => (draw(2) === 0 ? 1 : -1) * (1 + draw(127));

interface Matrix {
  readonly name: string;
  readonly choice: EncodingChoice;
  readonly values: (shape: WeightMatrixShape) => Int32Array;
}

const every =
  (value: () => number) =>
  ({ reduction, columns }: WeightMatrixShape) =>
    Int32Array.from({ length: reduction * columns }, value);

/** Two values at two different places of each four rows. */
function twoOfFour(shape: WeightMatrixShape): Int32Array {
  const values = every(() => 0)(shape);
  for (let row = 0; row < shape.reduction; row += 4) {
    for (let column = 0; column < shape.columns; column++) {
      const first = draw(4);
      for (const place of [first, (first + 1 + draw(3)) % 4]) values[(row + place) * shape.columns + column] = some();
    }
  }
  return values;
}

const sign = () => (draw(2) === 0 ? 1 : -1);
const DENSE: Matrix = { name: "dense", choice: { name: "dense", parameters: {} }, values: every(some) };
const TWO_OF_FOUR: Matrix = { name: "2:4", choice: { name: "nm", parameters: { n: 2, m: 4 } }, values: twoOfFour };
const TENTH: Matrix = {
  name: "csr, 1 of 10",
  choice: { name: "csr", parameters: {} },
  values: every(() => (draw(10) === 0 ? some() : 0)),
};
const POWERS: Matrix = {
  name: "pow2, 4 bits",
  choice: { name: "pow2", parameters: { bits: 4 } },
  values: every(() => sign() * 2 ** draw(7)),
};
const SUMS_OF_POWERS: Matrix = {
  name: "apot, 4 bits",
  choice: { name: "apot", parameters: { bits: 4 } },
  values: every(() => sign() * ([0, 1, 4, 8][draw(4)]! + [0, 2][draw(2)]!)),
};
const CODEBOOK: Matrix = {
  name: "codebook, 4 bits",
  choice: { name: "codebook", parameters: { bits: 4 } },
  values: every(() => 17 * draw(15) - 120),
};

const SIZE = 512;

describe("product of 512 x 512 matrices, packed weights: 0.134 GMAC dense-equivalent", () => {
  const shape = { reduction: SIZE, columns: SIZE, valueBits: 8 };
  const activations = { values: Int8Array.from(every(some)(shape)), rows: SIZE, zero: 3 };
  const rows: [Matrix, PackedKernelOptions["powers"]?][] = [
    [DENSE],
    [TWO_OF_FOUR],
    [TENTH],
    [POWERS, "shifted"],
    [POWERS, "multiplied"],
    [SUMS_OF_POWERS, "shifted"],
    [SUMS_OF_POWERS, "multiplied"],
    [CODEBOOK],
  ];
  for (const [{ name, choice, values }, powers = "shifted"] of rows) {
    const encoding = createEncoding(choice);
    const packed = encoding.pack(values(shape), shape);
    const nonZeros = encoding.unpack(packed).filter((value) => value !== 0).length;
    const label = choice.name === "pow2" || choice.name === "apot" ? `${name}, ${powers}` : name;
    const prepared = preparePacked(packed, encoding, { kernels: "simd", powers });
    bench(`${label}: ${((nonZeros * SIZE) / 1e9).toFixed(4)} GMAC`, () => {
      prepared.multiply(activations);
    });
    bench(`${label}: preparing`, () => {
      preparePacked(packed, encoding, { kernels: "simd", powers });
    });
  }
});

describe("3x3 convolution, 64 to 64 channels, 56 x 56, packed filters: 0.116 GMAC dense-equivalent", () => {
  const shape = { reduction: 64 * 9, columns: 64, valueBits: 8, kernelSize: 9 };
  const spatial = { sizes: [56, 56], kernel: [3, 3], outputs: [56, 56], padBegins: [1, 1], padEnds: [1, 1] };
  const where = { channels: 64, groups: 1, geometry: geometry(spatial) };
  const input = { values: Int8Array.from({ length: 64 * 56 * 56 }, some), batch: 1, zero: 3 };
  for (const { name, choice, values } of [DENSE, TWO_OF_FOUR, TENTH]) {
    const encoding = createEncoding(choice);
    const packed = encoding.pack(values(shape), shape);
    const nonZeros = encoding.unpack(packed).filter((value) => value !== 0).length;
    const prepared = preparePackedConv(packed, encoding, where, "simd");
    bench(`${name}: ${((nonZeros * 56 * 56) / 1e9).toFixed(4)} GMAC`, () => {
      prepared.convolve(input);
    });
  }
});

describe("rebuild of SmartDeal weights, 64 filters of 64 channels of 3x3: 36,864 weights, 110,592 terms", () => {
  const codes = Uint8Array.from({ length: 64 * 64 * 9 }, () => (draw(10) < 4 ? 0 : 1 + draw(7) + 8 * draw(2)));
  const bases = Int16Array.from({ length: 64 * 9 }, some);
  const rebuilds: Readonly<Record<KernelKind, typeof smartdealRebuild>> = {
    reference: smartdealRebuild,
    simd: simdSmartdealRebuild,
  };
  for (const [kind, rebuild] of Object.entries(rebuilds)) {
    bench(`${kind} kernels`, () => {
      rebuild({ codes, bases, basisSize: 3 });
    });
  }
});
