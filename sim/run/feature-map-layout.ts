/**
 * Feature maps in DRAM: which bytes a tile of one is, in each layout.
 *
 *     row-major            [N, C, H, W]   a tile is a row of W for every line of every channel
 *     channel-interleaved  [N, H, W, C]   a tile is a row of channels for every pixel
 *     tiled                every tile in one stretch, padded to whole bursts: as if whoever wrote it knew who reads it
 *
 * Left out: what it costs to bring a feature map from the tiling of its writer into that of its reader.
 */
import type { Design } from "../../hw-models/design.js";
import { type BlockAccess, joinRows } from "../engine/block-access.js";

export type FeatureMapLayout = Design["dram"]["layout"];

/** A feature map as it lies in memory. */
export interface FeatureMap {
  readonly base: number;
  readonly bitsPerElement: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A box of a feature map: first index and extent in each dimension. */
export interface FeatureMapBox {
  batch: number;
  batches: number;
  channel: number;
  channels: number;
  line: number;
  lines: number;
  column: number;
  columns: number;
}

/** Bytes of a box in a layout that keeps the tensor as it is. */
export function boxAccess(
  map: FeatureMap,
  box: FeatureMapBox,
  layout: "row-major" | "channel-interleaved",
  into: BlockAccess,
): void {
  const bytes = map.bitsPerElement / 8;
  const { channels, height, width } = map;
  const plane = height * width;
  const batchPitch = channels * plane * bytes;
  if (layout === "row-major") {
    const first = ((box.batch * channels + box.channel) * height + box.line) * width + box.column;
    into.address = map.base + first * bytes;
    into.rowBytes = Math.ceil(box.columns * bytes);
    into.rows = box.lines;
    into.rowPitch = width * bytes;
    into.planes = box.channels;
    into.planePitch = plane * bytes;
  } else {
    const first = ((box.batch * height + box.line) * width + box.column) * channels + box.channel;
    into.address = map.base + first * bytes;
    into.rowBytes = Math.ceil(box.channels * bytes);
    into.rows = box.columns;
    into.rowPitch = channels * bytes;
    into.planes = box.lines;
    into.planePitch = width * channels * bytes;
  }
  into.volumes = box.batches;
  into.volumePitch = batchPitch;
  joinRows(into);
}
