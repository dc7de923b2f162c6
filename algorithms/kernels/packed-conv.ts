/**
 * Convolution of 8-bit activations with filters in their packed form: sums of (x - x_zero) * w in int32 that wraps, the bits of
 * `convInteger` on the unpacked filters. The packed matrix has a row for each c, t, r, s of a group's channels and a column for each
 * output channel. On SIMD, filters whose encoding leaves weights out go straight over the padded planes, each weight stretched to
 * its offset there once; those of other encodings are unpacked into the dense kernels.
 */
import { ModelError } from "../../sim/core/errors.js";
import { elementCount } from "../../sim/core/integers.js";
import type { Encoding, PackedMatrix } from "../../sim/ir/encodings/encoding.js";
import { QuantizedEncoding } from "../../sim/ir/encodings/quantized.js";
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { KERNEL_SETS, type KernelKind } from "./kernel-set.js";
import { decodeColumns, joinHalves, MAX_DECODED_WEIGHTS } from "./packed-decode.js";
import { isSparse } from "./packed-weights.js";
import { areByteZeros } from "./simd-integer.js";
import { type ConvInput, type ConvShape, convolveStretched, stretchFilters } from "./simd-sparse-conv.js";
import { volume } from "./window-geometry.js";

export interface PreparedConv {
  /** Sums [N, K, ...outputs]. */
  convolve(input: ConvInput): Int32Array;
}

/**
 * Checks packed filters, and lays them out for one shape of convolution.
 * @throws NetworkError when the packed bytes are none that the encoding writes
 */
export function preparePackedConv(
  packed: PackedMatrix,
  encoding: Encoding,
  shape: ConvShape,
  kernels: KernelKind = "reference",
): PreparedConv {
  encoding.check(packed);
  checkShape(packed, shape);
  const base = encoding instanceof QuantizedEncoding ? encoding.base : encoding;
  const { channels, geometry } = shape;
  const checked = (convolve: (input: ConvInput) => Int32Array): PreparedConv => ({
    convolve: (input) => {
      checkInput(input, channels * volume(geometry.sizes));
      return convolve(input);
    },
  });
  let filters: NumberTensor | undefined;
  const unpacked = (kind: KernelKind) => (input: ConvInput) => {
    filters ??= unpackFilters(packed, base, shape);
    return convolveUnpacked(input, filters, shape, kind);
  };
  const weights = packed.shape.reduction * packed.shape.columns;
  const isStretched =
    kernels === "simd" &&
    isSparse(base) &&
    weights > 0 &&
    weights <= MAX_DECODED_WEIGHTS &&
    geometry.padBegins.every((pad) => pad >= 0);
  if (!isStretched) return checked(unpacked(kernels));

  const halves = decodeColumns(packed, base).map((half) => stretchFilters(half, shape));
  return checked((input) => {
    const isServed = Number.isInteger(input.zero) && areByteZeros([input.zero]);
    const [low, high] = isServed ? halves.map((half) => convolveStretched(input, half)) : [];
    if (low === undefined || (halves.length > 1 && high === undefined)) return unpacked("reference")(input);
    return high === undefined ? low : joinHalves(low, high);
  });
}

function checkShape({ shape }: PackedMatrix, { channels, groups, geometry }: ConvShape): void {
  const reduction = (channels / groups) * volume(geometry.kernel);
  if (shape.reduction === reduction && shape.columns % groups === 0) return;
  throw new ModelError(
    "packedConv",
    `filters of ${shape.reduction} x ${shape.columns} for ${channels} channels in ${groups} groups of ${reduction}`,
  );
}

function checkInput({ values, batch }: ConvInput, perImage: number): void {
  if (values.length === batch * perImage) return;
  throw new ModelError("packedConv", `${values.length} activations for ${batch} images of ${perImage}`);
}

/** [K, C/groups, ...kernel], as bytes where they are. */
function unpackFilters(packed: PackedMatrix, encoding: Encoding, { channels, groups, geometry }: ConvShape) {
  const { reduction, columns, valueBits } = packed.shape;
  const weights = encoding.unpack(packed);
  const values = valueBits <= 8 ? new Int8Array(weights.length) : new Int32Array(weights.length);
  for (let k = 0; k < columns; k++) {
    for (let row = 0; row < reduction; row++) values[k * reduction + row] = weights[row * columns + k]!;
  }
  return tensorOf([columns, channels / groups, ...geometry.kernel], values);
}

function tensorOf(shape: readonly number[], values: Int8Array | Uint8Array | Int32Array): NumberTensor {
  if (values instanceof Int8Array) return { shape, precision: "int8", values };
  return { shape, precision: values instanceof Uint8Array ? "uint8" : "int32", values };
}

function convolveUnpacked(
  { values, batch, zero }: ConvInput,
  weight: NumberTensor,
  { channels, groups, geometry }: ConvShape,
  kind: KernelKind,
): Int32Array {
  const input = tensorOf([batch, channels, ...geometry.sizes], values);
  const outputs = [batch, weight.shape[0]!, ...geometry.outputs];
  const sums = new Int32Array(elementCount(outputs));
  const output = tensorOf(outputs, sums);
  KERNEL_SETS[kind].convInteger(output, { input, weight, inputZero: zero, weightZeros: [0], geometry, groups });
  return sums;
}
