/**
 * Convolution of float32 numbers on SIMD with the bits of conv.ts: lanes hold neighbouring outputs of a row, so each sum still
 * takes its products in the order c, t, r, s. Padding is multiplied as zeros, which changes no sum (it starts from +0 and so is
 * never -0) unless a weight is infinite or not a number; such weights go through the plain loops.
 */
import { MemoryLayout } from "../../sim/core/web-assembly.js";
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { conv } from "./conv.js";
import { type SimdModule, simdModule } from "./simd-module.js";
import { layOutProduct, multiplyBlocks } from "./simd-product.js";
import { columnBases, type PaddedPlanes, paddedPlanes, placePlanes, rowStarts, tapOffsets } from "./simd-window.js";
import { volume, type WindowGeometry } from "./window-geometry.js";

/** A panel of the product has 4 rows; below that the planes are summed directly. */
const LEAST_PRODUCT_ROWS = 4;

/** As conv of conv.ts, which serves what is not float32. */
export function simdConv(
  output: NumberTensor,
  input: NumberTensor,
  weight: NumberTensor,
  bias: NumberTensor | undefined,
  geometry: WindowGeometry,
  groups: number,
): void {
  const [x, w, y] = [input.values, weight.values, output.values];
  const areFloat = x instanceof Float32Array && w instanceof Float32Array && y instanceof Float32Array;
  if (areFloat && runConv(y, input.shape, x, weight.shape, w, bias, geometry, groups)) return;
  conv(output, input, weight, bias, geometry, groups);
}

function runConv(
  y: Float32Array,
  inputShape: readonly number[],
  x: Float32Array,
  weightShape: readonly number[],
  w: Float32Array,
  bias: NumberTensor | undefined,
  geometry: WindowGeometry,
  groups: number,
): boolean {
  const [batch, channels] = inputShape as [number, number];
  const outChannels = weightShape[0]!;
  const [groupChannels, groupOutputs] = [channels / groups, outChannels / groups];
  const planes = paddedPlanes(geometry, groupChannels);
  const [inputVolume, outputs] = [volume(geometry.sizes), volume(geometry.outputs)];
  const reduction = groupChannels * volume(geometry.kernel);
  if (y.length * reduction === 0 || geometry.padBegins.some((pad) => pad < 0)) return false;
  if (planes.channelElements > inputVolume && !areFinite(w)) return false;

  const module = simdModule();
  const layout = new MemoryLayout(module);
  const isDirect = groupOutputs < LEAST_PRODUCT_ROWS;
  const product = layOutProduct(layout, "float32", isDirect ? [1, 1, reduction] : [groupOutputs, outputs, reduction]);
  const inputAt = layout.take(groupChannels * inputVolume * 4);
  const weightAt = layout.take(groupOutputs * reduction * 4);
  const planesAt = layout.take(groupChannels * planes.channelElements * 4);
  const startCount = geometry.outputs[0] * geometry.outputs[1];
  const startsAt = layout.take(startCount * 4);
  const directSums = layout.take(isDirect ? (outputs + 8) * 4 : 0);
  if (!layout.fit()) return false;

  const { buffer } = module.memory;
  const starts = new Int32Array(buffer, startsAt, startCount);
  tapOffsets(new Int32Array(buffer, product.offsets, reduction), planes, geometry);
  rowStarts(starts, planes, geometry);
  if (!isDirect) columnBases(new Int32Array(buffer, product.bases, outputs), starts, geometry.outputs[2]);
  const take = (address: number, k: number, at: number, count: number) => {
    if (bias !== undefined) module.addToRow(address, count, bias.values[k]!);
    y.set(new Float32Array(buffer, address, count), at);
  };
  const weights = new Float32Array(buffer, weightAt, groupOutputs * reduction);
  for (let group = 0; group < groups; group++) {
    const firstOutput = group * groupOutputs;
    weights.set(w.subarray(firstOutput * reduction, (firstOutput + groupOutputs) * reduction));
    if (!isDirect) module.packRowsFloat32(weightAt, product.rowPanels, groupOutputs, reduction, reduction, 1);
    for (let n = 0; n < batch; n++) {
      const from = (n * groups + group) * groupChannels * inputVolume;
      placeGroup(module, x.subarray(from, from + groupChannels * inputVolume), inputAt, planesAt, planes, geometry);
      const outputAt = (n * outChannels + firstOutput) * outputs;
      if (isDirect) {
        for (let k = 0; k < groupOutputs; k++) {
          const factors = weightAt + k * reduction * 4;
          const Q = geometry.outputs[2];
          module.correlateFloat32(planesAt, startsAt, startCount, Q, product.offsets, factors, reduction, directSums);
          take(directSums, firstOutput + k, outputAt + k * outputs, outputs);
        }
      } else {
        multiplyBlocks(module, product, planesAt, (address, row, column, count) =>
          take(address, firstOutput + row, outputAt + row * outputs + column, count),
        );
      }
    }
  }
  return true;
}

/** Copies a group's channels of one image in, and lays them out with their padding. */
function placeGroup(
  module: SimdModule,
  values: Float32Array,
  inputAt: number,
  planesAt: number,
  planes: PaddedPlanes,
  geometry: WindowGeometry,
): void {
  const { buffer } = module.memory;
  new Float32Array(buffer, inputAt, values.length).set(values);
  new Float32Array(buffer, planesAt, planes.channels * planes.channelElements).fill(0);
  const [width, pad] = [geometry.sizes[2], geometry.padBegins[2]];
  const { phases, phaseWidth } = planes;
  placePlanes(planes, geometry, { from: 4, to: 4 }, (from, to, rows, toRow) =>
    module.placeRowsFloat32(inputAt + from, planesAt + to, rows, width, toRow, pad, phases, phaseWidth),
  );
}

function areFinite(values: Float32Array): boolean {
  for (let index = 0; index < values.length; index++) if (!Number.isFinite(values[index]!)) return false;
  return true;
}
