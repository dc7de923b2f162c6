/**
 * Closed-form cycles and counts of a tile on the bit-serial array. A set of weights, one brick of channels under one tap, takes as
 * many cycles as the serial operand has bits:
 *
 *     cycles = G * ceil(K / filters) * ceil(windows / windowsPerPallet) * R * S * ceil(C / lanes) * bits
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import { type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedTiming } from "../layer-values.js";
import { TileWindows } from "../tile-windows.js";
import { type BitSerialParameters, filterRows } from "./bit-serial-parameters.js";

/** Cycles that the last sums take to leave. */
const OUTPUT_CYCLES = 1;

/** @param bits of the serial operand */
export function timeSerial(
  parameters: BitSerialParameters,
  layer: LayerValues,
  { from, extent }: TileBox,
  bits: number,
): ValuedTiming {
  const { windowsPerPallet, lanes } = parameters;
  const { G, K, C, R, S } = extent;
  const windows = new TileWindows(layer.window, { from, extent });
  const filters = filterRows(parameters);
  const passes = G * ceilDiv(K, filters);
  const pallets = ceilDiv(windows.count, windowsPerPallet);
  const bricks = R * S * ceilDiv(C, lanes);
  const sets = passes * pallets * bricks;
  const outputs = G * K * windows.count;
  const products = outputs * C * R * S;
  const ifmapReads = passes * windows.pixelsUnderTaps * C;
  const weightReads = G * K * C * R * S * pallets;
  return {
    folds: passes * pallets,
    preloadCycles: 0,
    steadyCycles: sets * bits,
    drainCycles: OUTPUT_CYCLES,
    computeCycles: sets * bits,
    macOps: 0,
    ifmapReads,
    weightReads,
    ofmapWrites: outputs,
    psumReads: 0,
    operandRegisterWrites: ifmapReads + weightReads,
    psumRegisterWrites: outputs * bricks * bits,
    ifmapFeed: {
      beats: sets,
      vectorElements: Math.min(windowsPerPallet, windows.count) * Math.min(lanes, C),
      axis: "rows",
    },
    weightFeed: { beats: sets, vectorElements: Math.min(filters, K) * Math.min(lanes, C), axis: "columns" },
    ofmapFeed: { beats: passes * windows.count, vectorElements: Math.min(filters, K), axis: "columns" },
    ...NO_VALUED_COUNTS,
    coveredMacs: products,
    bitProducts: products * bits,
    // One for each bit, and one of the brick's sum to the psum.
    treeSums: outputs * bricks * (bits + 1),
  };
}
