/**
 * Convolutions with pruned filters on SIMD, straight from the padded planes: the place of each weight is stretched to its offset in
 * the planes once, and then serves every output. Sums are int32 that wrap: those of the dense kernel on the same weights.
 * Source: Park et al., 'Faster CNNs with Direct Sparse Convolutions and Guided Pruning', ICLR 2017.
 */
import { MemoryLayout } from "../../sim/core/web-assembly.js";
import { areByteZeros, type ByteValues, bytesOf } from "./simd-integer.js";
import { type SimdModule, simdModule } from "./simd-module.js";
import { demand, servedSums } from "./simd-rows.js";
import { type PairedColumns, pairColumns, type SparseColumns } from "./simd-sparse.js";
import { type PaddedPlanes, paddedPlanes, placePlanes, rowStarts, tapOffsets } from "./simd-window.js";
import { volume, type WindowGeometry } from "./window-geometry.js";

export interface ConvShape {
  /** Input channels, of all groups. */
  readonly channels: number;
  readonly groups: number;
  readonly geometry: WindowGeometry;
}

export interface ConvInput {
  /** [N, C, ...sizes] */
  readonly values: ByteValues;
  readonly batch: number;
  readonly zero: number;
}

/** Filters whose weights carry their offsets in the padded planes of one convolution. */
export interface StretchedFilters {
  readonly shape: ConvShape;
  readonly planes: PaddedPlanes;
  readonly filters: PairedColumns;
}

/** @param weights columns are output channels, indices run over c, t, r, s of the channel's group */
export function stretchFilters(weights: SparseColumns, shape: ConvShape): StretchedFilters {
  const { channels, groups, geometry } = shape;
  const outChannels = weights.pointers.length - 1;
  demand(channels % groups === 0 && outChannels % groups === 0, `${channels} and ${outChannels} channels in ${groups}`);
  demand(
    geometry.padBegins.every((pad) => pad >= 0),
    "paddings of 0 or more",
  );
  const planes = paddedPlanes(geometry, channels);
  const reduction = (channels / groups) * volume(geometry.kernel);
  const taps = new Int32Array(channels * volume(geometry.kernel));
  tapOffsets(taps, planes, geometry);
  const groupOutputs = outChannels / groups;
  const filters = pairColumns(
    weights,
    reduction,
    (index, column) => taps[Math.floor(column / groupOutputs) * reduction + index]!,
  );
  return { shape, planes, filters };
}

/** Sums [N, K, ...outputs]; undefined when the operands need more memory than a module has. */
export function convolveStretched(
  { values, batch, zero }: ConvInput,
  { shape, planes, filters }: StretchedFilters,
): Int32Array | undefined {
  const { channels, geometry } = shape;
  const [inputVolume, outputs] = [volume(geometry.sizes), volume(geometry.outputs)];
  demand(areByteZeros([zero]), `zero point ${zero} of a byte`);
  demand(values.length === batch * channels * inputVolume, `${values.length} activations`);
  const { columns, counts, offsets, factors } = filters;
  const [rows, width] = [geometry.outputs[0] * geometry.outputs[1], geometry.outputs[2]];
  const count = channels * inputVolume;
  const module = simdModule();
  const layout = new MemoryLayout(module);
  const [bytes, planesAt] = [layout.take(count), layout.take(channels * planes.channelElements * 2)];
  const [starts, sums] = [layout.take(rows * 4), layout.take((outputs + 8) * 4)];
  const [offsetsAt, factorsAt] = [layout.take(offsets.byteLength), layout.take(factors.byteLength)];
  if (!layout.fit()) return undefined;

  const { buffer } = module.memory;
  new Int32Array(buffer, offsetsAt, offsets.length).set(offsets);
  new Int16Array(buffer, factorsAt, factors.length).set(factors);
  rowStarts(new Int32Array(buffer, starts, rows), planes, geometry);
  const result = new Int32Array(batch * columns * outputs);
  for (let n = 0; n < batch; n++) {
    new Uint8Array(buffer, bytes, count).set(bytesOf(values, n * count, count));
    placeImage(module, planes, geometry, { bytes, planesAt, zero, isSigned: values instanceof Int8Array });
    let [offset, factor] = [offsetsAt, factorsAt];
    for (let k = 0; k < columns; k++) {
      const taps = counts[k]!;
      module.correlateInt16(planesAt, starts, rows, width, offset, factor, taps, sums);
      result.set(new Int32Array(buffer, sums, outputs), (n * columns + k) * outputs);
      offset += 4 * taps;
      factor += 4 * Math.ceil(taps / 2);
    }
  }
  return result;
}

interface Image {
  readonly bytes: number;
  readonly planesAt: number;
  readonly zero: number;
  readonly isSigned: boolean;
}

/** Lays the channels of an image out with their padding. */
function placeImage(
  module: SimdModule,
  planes: PaddedPlanes,
  geometry: WindowGeometry,
  { bytes, planesAt, zero, isSigned }: Image,
): void {
  new Uint8Array(module.memory.buffer, planesAt, planes.channels * planes.channelElements * 2).fill(0);
  const { phases, phaseWidth } = planes;
  const [width, pad] = [geometry.sizes[2], geometry.padBegins[2]];
  placePlanes(planes, geometry, { from: 1, to: 2 }, (from, to, lines, toRow) =>
    module.placeRowsInt16(
      bytes + from,
      planesAt + to,
      lines,
      width,
      toRow,
      pad,
      phases,
      phaseWidth,
      zero,
      Number(isSigned),
    ),
  );
}

export interface SparseConv extends ConvShape, ConvInput {
  readonly weights: SparseColumns;
}

/** Sums [N, K, ...outputs] of a convolution with filters that are used once. */
export function simdSparseConv({ weights, ...conv }: SparseConv): Int32Array {
  return servedSums(convolveStretched(conv, stretchFilters(weights, conv)));
}
