/**
 * How a tile of a layer is worked off. The plane of a convolution is cut over the grid of PEs; where a PE's accumulators would
 * not hold the sums of one output channel, outputs are taken in several passes. A product (rows, no filter) has no plane: its
 * rows are shared out over all PEs and, where they are fewer, its output channels as well, so that a single row (a fully
 * connected layer) keeps all PEs at work, each with one activation at a time.
 *
 *     for pass over outputs, for image, for group               buffer -> array
 *       for group of Kc output channels of each part            barrier
 *         parallel over PEs
 *           for input channel, for I activations, for F weights
 *             parallel over I x F
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import type { LayerValues, TileBox } from "../layer-values.js";
import { AxisTiles, type AxisWindow, outputsOfPiece, reachOfOutputs } from "./planar-tiles.js";

/** Outputs that are worked off at a time. */
export interface PlanarPass {
  readonly rows: AxisTiles;
  readonly columns: AxisTiles;
  /** Rows and columns of outputs, the first ones counted in the tile. */
  readonly outputs: { readonly row: number; readonly column: number; readonly rows: number; readonly columns: number };
}

export interface TilePlan {
  /** True for products, whose images are rows like any. */
  readonly isProduct: boolean;
  /** Images taken one after the other. */
  readonly images: number;
  readonly rowWindow: AxisWindow;
  readonly columnWindow: AxisWindow;
  readonly passes: readonly PlanarPass[];
  /** Parts of the PEs that have output channels of their own. */
  readonly channelParts: number;
  /** Kc: output channels of a part at a time. */
  readonly groupChannels: number;
}

/** What a plan must know of a machine. */
export interface PlanMachine {
  readonly peRows: number;
  readonly peCols: number;
  readonly outputChannelGroup: number;
  /** Weights of an input channel that a PE keeps. */
  readonly keptWeights: number;
  /** True when the accumulators of a PE hold the sums of so many channels, rows and columns. */
  fits(channels: number, rows: number, columns: number): boolean;
}

export function planTile(machine: PlanMachine, layer: LayerValues, { from, extent }: TileBox): TilePlan {
  const { peRows, peCols } = machine;
  const { window } = layer;
  const isProduct = isProductOf(layer);
  const rowWindow: AxisWindow = isProduct
    ? { size: extent.N * extent.P, taps: 1, stride: 1, dilation: 1, pad: 0 }
    : axisWindow(window.ifmapHeight, extent.R, window.strideHeight, window.dilationHeight, window.padTop);
  const columnWindow = axisWindow(
    window.ifmapWidth,
    extent.S,
    window.strideWidth,
    window.dilationWidth,
    window.padLeft,
  );
  const rowParts = isProduct ? peRows * peCols : peRows;
  const columnParts = isProduct ? 1 : peCols;
  const [firstRow, rows] = isProduct ? [0, extent.N * extent.P] : [from.P, extent.P];
  const sums = (channels: number, outputRows: number, outputColumns: number) =>
    machine.fits(
      channels,
      outputsOfPiece(rowWindow, ceilDiv(reachOfOutputs(rowWindow, outputRows), rowParts), outputRows),
      outputsOfPiece(columnWindow, ceilDiv(reachOfOutputs(columnWindow, outputColumns), columnParts), outputColumns),
    );
  let [passRows, passColumns] = [rows, extent.Q];
  while (!sums(1, passRows, passColumns)) {
    if (passRows >= passColumns) passRows = ceilDiv(passRows, 2);
    else passColumns = ceilDiv(passColumns, 2);
  }
  const passes: PlanarPass[] = [];
  for (let row = 0; row < rows; row += passRows) {
    for (let column = 0; column < extent.Q; column += passColumns) {
      const outputs = {
        row,
        column,
        rows: Math.min(passRows, rows - row),
        columns: Math.min(passColumns, extent.Q - column),
      };
      passes.push({
        rows: new AxisTiles(rowWindow, firstRow + row, outputs.rows, rowParts),
        columns: new AxisTiles(columnWindow, from.Q + column, outputs.columns, columnParts),
        outputs,
      });
    }
  }
  const pieces = ceilDiv(passRows, ceilDiv(passRows, rowParts));
  const channelParts = isProduct ? Math.min(extent.K, Math.floor(rowParts / pieces)) : 1;
  // The weights of a channel stay in the PE, for which those of one output channel may be too many already.
  const mostKept = Math.max(1, Math.floor(machine.keptWeights / (extent.R * extent.S)));
  let groupChannels = Math.min(machine.outputChannelGroup, mostKept, ceilDiv(extent.K, channelParts));
  while (!sums(groupChannels, passRows, passColumns)) groupChannels--;
  return {
    isProduct,
    images: isProduct ? 1 : extent.N,
    rowWindow,
    columnWindow,
    passes,
    channelParts,
    groupChannels,
  };
}

function axisWindow(size: number, taps: number, stride: number, dilation: number, pad: number): AxisWindow {
  return { size, taps, stride, dilation, pad };
}

/** A column of rows without a filter. */
function isProductOf({ bounds, window }: LayerValues): boolean {
  return (
    bounds.R * bounds.S === 1 &&
    window.ifmapWidth === 1 &&
    bounds.Q === 1 &&
    window.ifmapHeight === bounds.P &&
    window.strideHeight === 1 &&
    window.padTop === 0 &&
    window.padLeft === 0
  );
}

/** Where the rows of a pass begin in the ifmap, without the offset of a channel. */
export function rowOffsets(
  layer: LayerValues,
  tile: TileBox,
  plan: TilePlan,
  pass: PlanarPass,
  image: number,
): Int32Array {
  const { G, C } = layer.bounds;
  const { ifmapHeight: H, ifmapWidth: W } = layer.window;
  return Int32Array.from({ length: pass.rows.length }, (_, index) => {
    const row = pass.rows.first + index;
    const n = tile.from.N + (plan.isProduct ? Math.floor(row / tile.extent.P) : image);
    const h = plan.isProduct ? tile.from.P + (row % tile.extent.P) : row;
    return n * G * C * H * W + h * W;
  });
}
