/**
 * Integer convolution on SIMD: the sums of conv-integer.ts. Each group is a product of its weights and its padded planes; groups
 * of few output channels, above all depthwise ones, are summed straight from the planes.
 */
import { MemoryLayout } from "../../sim/core/web-assembly.js";
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { type ConvSums, channelSums, type IntegerConv, limitingRegister, qlinearConv } from "./conv-integer.js";
import type { ChannelRequantization } from "./requantization.js";
import { CodeWriter, nativeLimits } from "./simd-codes.js";
import { areByteZeros, type ByteValues, bytesOf, isByteValues } from "./simd-integer.js";
import { type SimdModule, simdModule } from "./simd-module.js";
import { type BlockedProduct, layOutProduct, multiplyBlocks } from "./simd-product.js";
import { columnBases, type PaddedPlanes, paddedPlanes, placePlanes, rowStarts, tapOffsets } from "./simd-window.js";
import { volume } from "./window-geometry.js";

/** A panel of the product has 4 rows; below that the planes are summed directly. */
const LEAST_PRODUCT_ROWS = 4;

interface Places {
  readonly input: number;
  readonly weight: number;
  readonly zeros: number;
  readonly planes: number;
  readonly starts: number;
}

/** A row of sums, or part of it: its address in the module's memory, its output channel, and its place in the output. */
type TakeAddress = (address: number, channel: number, at: number, count: number) => void;

/** Gives the sums by their addresses; false, with nothing given, for operands that the module does not take. */
function forEachAddress(
  operands: IntegerConv,
  extraBytes: number,
  begin: (module: SimdModule, extraAddress: number) => TakeAddress,
): boolean {
  const { input, weight, inputZero, weightZeros, geometry, groups } = operands;
  if (!isByteValues(input.values) || !isByteValues(weight.values)) return false;
  if (!areByteZeros([inputZero]) || !areByteZeros(weightZeros) || geometry.padBegins.some((pad) => pad < 0))
    return false;
  const [batch, channels] = input.shape as [number, number];
  const outChannels = weight.shape[0]!;
  const [groupChannels, groupOutputs] = [channels / groups, outChannels / groups];
  const planes = paddedPlanes(geometry, groupChannels);
  const reduction = groupChannels * volume(geometry.kernel);
  const outputs = volume(geometry.outputs);
  if (batch * outChannels * outputs * reduction === 0) return false;

  const module = simdModule();
  const layout = new MemoryLayout(module);
  const isDirect = groupOutputs < LEAST_PRODUCT_ROWS;
  const product = layOutProduct(layout, "int16", [isDirect ? 1 : groupOutputs, isDirect ? 1 : outputs, reduction]);
  const places: Places = {
    input: layout.take(groupChannels * volume(geometry.sizes)),
    weight: layout.take(groupOutputs * reduction),
    zeros: layout.take(groupOutputs * 4),
    planes: layout.take(groupChannels * planes.channelElements * 2),
    starts: layout.take(geometry.outputs[0] * geometry.outputs[1] * 4),
  };
  const directSums = layout.take(isDirect ? (outputs + 8) * 4 : 0);
  const extra = layout.take(extraBytes);
  if (!layout.fit()) return false;

  const take = begin(module, extra);
  const { buffer } = module.memory;
  const starts = new Int32Array(buffer, places.starts, geometry.outputs[0] * geometry.outputs[1]);
  tapOffsets(new Int32Array(buffer, product.offsets, reduction), planes, geometry);
  rowStarts(starts, planes, geometry);
  if (!isDirect) columnBases(new Int32Array(buffer, product.bases, outputs), starts, geometry.outputs[2]);
  for (let group = 0; group < groups; group++) {
    const firstOutput = group * groupOutputs;
    packGroup(module, operands, weight.values, firstOutput, groupOutputs, reduction, product, places);
    for (let n = 0; n < batch; n++) {
      placeGroup(module, operands, input.values, (n * groups + group) * groupChannels, planes, places);
      const outputAt = (n * outChannels + firstOutput) * outputs;
      if (isDirect) {
        const [P, Q] = [starts.length, geometry.outputs[2]];
        for (let k = 0; k < groupOutputs; k++) {
          const factors = product.rowPanels;
          packFactors(module, operands, firstOutput + k, reduction, factors, places.weight + k * reduction);
          module.correlateInt16(places.planes, places.starts, P, Q, product.offsets, factors, reduction, directSums);
          take(directSums, firstOutput + k, outputAt + k * outputs, outputs);
        }
      } else {
        multiplyBlocks(module, product, places.planes, (address, row, column, count) =>
          take(address, firstOutput + row, outputAt + row * outputs + column, count),
        );
      }
    }
  }
  return true;
}

/** Copies the codes of a group's weights in, and packs them when they are rows of a product. */
function packGroup(
  module: SimdModule,
  { weightZeros }: IntegerConv,
  weights: ByteValues,
  firstOutput: number,
  groupOutputs: number,
  reduction: number,
  product: BlockedProduct,
  places: Places,
): void {
  const { buffer } = module.memory;
  const count = groupOutputs * reduction;
  new Uint8Array(buffer, places.weight, count).set(bytesOf(weights, firstOutput * reduction, count));
  if (groupOutputs < LEAST_PRODUCT_ROWS) return;
  const zeros = new Int32Array(buffer, places.zeros, groupOutputs);
  for (let k = 0; k < groupOutputs; k++) zeros[k] = weightZeros[(firstOutput + k) % weightZeros.length]!;
  const isSigned = Number(weights instanceof Int8Array);
  module.packRowsInt16(places.weight, product.rowPanels, groupOutputs, reduction, places.zeros, isSigned);
}

/** The factors of one output channel as int16, an odd last one followed by 0. */
function packFactors(
  module: SimdModule,
  { weight, weightZeros }: IntegerConv,
  k: number,
  reduction: number,
  to: number,
  from: number,
): void {
  const isSigned = Number(weight.values instanceof Int8Array);
  new Int16Array(module.memory.buffer, to, reduction + 1)[reduction] = 0;
  module.widenAll(from, to, reduction, weightZeros[k % weightZeros.length]!, isSigned);
}

/** Copies a group's channels of one image in, and lays them out with their padding. */
function placeGroup(
  module: SimdModule,
  { inputZero, geometry }: IntegerConv,
  values: ByteValues,
  firstChannel: number,
  planes: PaddedPlanes,
  places: Places,
): void {
  const { buffer } = module.memory;
  const count = planes.channels * volume(geometry.sizes);
  new Uint8Array(buffer, places.input, count).set(bytesOf(values, firstChannel * volume(geometry.sizes), count));
  new Uint8Array(buffer, places.planes, planes.channels * planes.channelElements * 2).fill(0);
  const [width, pad] = [geometry.sizes[2], geometry.padBegins[2]];
  const isSigned = Number(values instanceof Int8Array);
  placePlanes(planes, geometry, { from: 1, to: 2 }, (from, to, rows, toRow) =>
    module.placeRowsInt16(
      places.input + from,
      places.planes + to,
      rows,
      width,
      toRow,
      pad,
      planes.phases,
      planes.phaseWidth,
      inputZero,
      isSigned,
    ),
  );
}

/** The sums, for the functions of conv-integer.ts; by the plain loops where the module cannot serve. */
export const simdChannelSums: ConvSums = (operands, take) => {
  const served =
    limitingRegister(operands) === undefined &&
    forEachAddress(operands, 0, (module) => (address, k, at, count) => {
      take(new Int32Array(module.memory.buffer, address, count), k, at);
    });
  if (!served) channelSums(operands, take);
};

/** output [N, K, ...outputs], 8 bits, as qlinearConv of conv-integer.ts. */
export function simdQlinearConv(
  output: NumberTensor,
  operands: IntegerConv,
  requantization: ChannelRequantization,
): void {
  const { scaling, bias, outputZero } = requantization;
  const { values } = output;
  const limits = nativeLimits(requantization);
  const isNative = scaling.kind === "onnx-float32" && operands.accumulator === undefined && limits !== undefined;
  let writer: CodeWriter | undefined;
  const served =
    isNative &&
    isByteValues(values) &&
    forEachAddress(operands, CodeWriter.bytes(values.length, 4), (module, address) => {
      const codes = new CodeWriter(module, address, values.length, 4, outputZero, limits);
      writer = codes;
      const { multipliers } = scaling;
      return (sums, k, at, count) =>
        codes.writeRow(sums, at, count, bias?.[k] ?? 0, multipliers[k % multipliers.length]!);
    });
  if (served && isByteValues(values)) writer!.copyTo(values);
  else qlinearConv(output, operands, requantization, simdChannelSums);
}
