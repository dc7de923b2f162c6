/**
 * Scales and zero points of quantized weights, which every encoding may carry beside its values: one for the matrix, for each
 * column (output channel), or for each group of values along the reduction axis of a column. They are stored column by column,
 * group by group, each scale followed by its zero point, as metadata. The MX formats are `scales=group, scaleGroup=32,
 * scaleFormat=e8m0`: one power of two for 32 values.
 * Source: OCP Microscaling Formats (MX) v1.0, 2023 (E8M0: 2^(code - 127), code 255 is NaN).
 */
import { ConfigError } from "../../core/errors.js";
import { halfBits, roundToBfloat, roundToHalf } from "../../core/float-rounding.js";
import { ceilDiv } from "../../core/integers.js";
import { choice, count } from "../../core/params.js";
import { halfToNumber } from "../import/small-floats.js";
import { BitReader, BitWriter } from "./bit-packing.js";
import type { WeightMatrixShape } from "./encoding.js";
import { brokenBytes, checkShape } from "./matrix-checks.js";

const SCALE_BITS = { fp32: 32, fp16: 16, bf16: 16, e8m0: 8 } as const;
type ScaleFormat = keyof typeof SCALE_BITS;

const QUANTIZATION_SOURCE = "Krishnamoorthi, arXiv 1806.08342, 2018";
const MX_SOURCE = "OCP Microscaling Formats v1.0, 2023";

/** Fields of every encoding's parameter table. */
export const SCALE_FIELDS = {
  scales: choice(["tensor", "channel", "group"], {
    description: "Counts the scales of quantization among the metadata: one for the matrix, each column, or each group",
    source: QUANTIZATION_SOURCE,
  }).optional(),
  scaleGroup: count(1, 2 ** 20, {
    description: "Values of a column that share a scale, along the reduction axis, for scales=group (32 unless given)",
    source: MX_SOURCE,
  }).optional(),
  scaleFormat: choice(["fp32", "fp16", "bf16", "e8m0"], {
    description: "Format of a scale (fp32 unless given); e8m0 is a power of two in 8 bits",
    source: MX_SOURCE,
  }).optional(),
  zeroPointBits: count(1, 16, {
    unit: "bits",
    description: "Bits of a zero point beside each scale; none unless given",
    source: QUANTIZATION_SOURCE,
  }).optional(),
};

/** Field of the encodings that store whole values. */
export const VALUE_FIELDS = {
  valueBits: count(1, 32, {
    unit: "bits",
    description: "Bits of a stored value, when it is narrower than the array's operands",
    source: QUANTIZATION_SOURCE,
  }).optional(),
};

/** The scale fields of parameters that were validated. */
export interface ScaleParameters {
  readonly scales?: "tensor" | "channel" | "group" | undefined;
  readonly scaleGroup?: number | undefined;
  readonly scaleFormat?: ScaleFormat | undefined;
  readonly zeroPointBits?: number | undefined;
}

/** How scales are stored. */
export interface ScaleLayout {
  readonly granularity: "tensor" | "channel" | "group";
  /** Values of a group along the reduction axis. */
  readonly group: number;
  readonly format: ScaleFormat;
  /** 0 when there are no zero points. */
  readonly zeroPointBits: number;
}

/** What a layout stores: a scale each, and a zero point each where the layout has them. */
export interface Scales {
  readonly scales: Float32Array;
  /** Signed numbers of `zeroPointBits`. */
  readonly zeroPoints: Int32Array;
}

/**
 * The layout that parameters ask for, or undefined when they ask for none.
 * @throws ConfigError for parameters that only mean something beside others that are absent
 */
export function scaleLayout(encoding: string, parameters: ScaleParameters): ScaleLayout | undefined {
  const { scales, scaleGroup, scaleFormat, zeroPointBits } = parameters;
  const idle = [
    ...(scales === undefined && scaleFormat !== undefined ? ["scaleFormat"] : []),
    ...(scales === undefined && zeroPointBits !== undefined ? ["zeroPointBits"] : []),
    ...(scales !== "group" && scaleGroup !== undefined ? ["scaleGroup"] : []),
  ];
  if (idle.length > 0) {
    throw new ConfigError(
      idle.map((field) => ({
        where: `encoding.${encoding}.${field}`,
        got: scales === undefined ? "no scales" : `scales=${scales}`,
        want: field === "scaleGroup" ? "scales=group beside it" : "scales=tensor, channel or group beside it",
        fix: `add scales=${field === "scaleGroup" ? "group" : "channel"}, or leave ${field} out`,
      })),
    );
  }
  if (scales === undefined) return undefined;
  return {
    granularity: scales,
    group: scaleGroup ?? 32,
    format: scaleFormat ?? "fp32",
    zeroPointBits: zeroPointBits ?? 0,
  };
}

/** Scales of a matrix; a ragged last group has its own. */
export function scaleCount({ granularity, group }: ScaleLayout, { reduction, columns }: WeightMatrixShape): number {
  if (reduction === 0 || columns === 0) return 0;
  switch (granularity) {
    case "tensor":
      return 1;
    case "channel":
      return columns;
    case "group":
      return columns * ceilDiv(reduction, group);
  }
}

/** Bits of the scales and zero points of a matrix. */
export function scaleBits(layout: ScaleLayout, shape: WeightMatrixShape): number {
  return scaleCount(layout, shape) * (SCALE_BITS[layout.format] + layout.zeroPointBits);
}

/**
 * Packs scales and zero points.
 * @throws ConfigError when their number is another than the layout has, or the format cannot hold one exactly
 */
export function packScales(layout: ScaleLayout, shape: WeightMatrixShape, { scales, zeroPoints }: Scales): Uint8Array {
  checkShape("scales", shape);
  const wanted = scaleCount(layout, shape);
  const wantedZeros = layout.zeroPointBits === 0 ? 0 : wanted;
  if (scales.length !== wanted || zeroPoints.length !== wantedZeros) {
    throw unfit("scales", `${scales.length} scales, ${zeroPoints.length} zero points`, `${wanted} and ${wantedZeros}`);
  }
  const writer = new BitWriter(scaleBits(layout, shape));
  const reach = 2 ** (layout.zeroPointBits - 1);
  for (let index = 0; index < wanted; index++) {
    const scale = scales[index]!;
    const code = scaleCode(layout.format, scale);
    if (code === undefined) throw unfit(`scale ${index}`, String(scale), `a positive number that ${layout.format} has`);
    writer.write(code, SCALE_BITS[layout.format]);
    if (layout.zeroPointBits === 0) continue;
    const zero = zeroPoints[index]!;
    if (zero < -reach || zero >= reach) throw unfit(`zero point ${index}`, String(zero), `${-reach} to ${reach - 1}`);
    writer.write(zero, layout.zeroPointBits);
  }
  return writer.bytes;
}

/** @throws NetworkError when the bytes are none that `packScales` writes for that shape */
export function unpackScales(layout: ScaleLayout, shape: WeightMatrixShape, bytes: Uint8Array): Scales {
  checkShape("scales", shape);
  const length = Math.ceil(scaleBits(layout, shape) / 8);
  if (bytes.length !== length) throw brokenBytes("scales", `${bytes.length} bytes`, `${length} bytes`);
  const reader = new BitReader(bytes);
  const scales = new Float32Array(scaleCount(layout, shape));
  const zeroPoints = new Int32Array(layout.zeroPointBits === 0 ? 0 : scales.length);
  for (let index = 0; index < scales.length; index++) {
    const code = reader.readUnsigned(SCALE_BITS[layout.format]);
    const scale = scaleOfCode(layout.format, code);
    if (scaleCode(layout.format, scale) !== code) {
      throw brokenBytes("scales", `code ${code} of scale ${index}`, `a positive number of ${layout.format}`);
    }
    scales[index] = scale;
    if (layout.zeroPointBits > 0) zeroPoints[index] = reader.readSigned(layout.zeroPointBits);
  }
  return { scales, zeroPoints };
}

function unfit(where: string, got: string, want: string): ConfigError {
  return new ConfigError({ where, got, want, fix: "choose scales that the format holds, or a wider format" });
}

const scratch = new DataView(new ArrayBuffer(4));

function floatBits(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

function floatFromBits(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

/** The code of a positive, finite float32 number; undefined when the format does not have it. */
function scaleCode(format: ScaleFormat, scale: number): number | undefined {
  if (!(scale > 0) || scale === Number.POSITIVE_INFINITY) return undefined;
  switch (format) {
    case "fp32":
      return floatBits(scale);
    case "fp16":
      return roundToHalf(scale) === scale ? halfBits(scale) : undefined;
    case "bf16":
      return roundToBfloat(scale) === scale ? floatBits(scale) >>> 16 : undefined;
    case "e8m0": {
      const code = Math.round(Math.log2(scale)) + 127;
      return code >= 0 && code < 255 && scaleOfCode(format, code) === scale ? code : undefined;
    }
  }
}

function scaleOfCode(format: ScaleFormat, code: number): number {
  switch (format) {
    case "fp32":
      return floatFromBits(code);
    case "fp16":
      return halfToNumber(code);
    case "bf16":
      return floatFromBits(code * 2 ** 16);
    case "e8m0":
      return code === 255 ? Number.NaN : 2 ** (code - 127);
  }
}
