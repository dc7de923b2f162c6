/**
 * The SmartExchange array: slices of PE lines that rebuild weights from coefficients of powers of two and small bases, and multiply
 * them bit by bit with Booth-recoded activations, past rows of zeros. A slice works on a filter, its lines on channels, the MACs of
 * a line on neighbouring outputs, whose sums stay until they are complete.
 *
 *     for filters by slices                                    buffers -> array
 *       for rows of the ofmap, for columns by MACs of a line
 *         for bases, for channels (or rows) by lines           passes
 *           parallel over slices, lines
 *             for rows of the channel's kernel                 those that the selector lets pass
 *               for weights of the row                         one is rebuilt each step
 *                 parallel over MACs: for digits of its activation
 *
 * Left out: the controller's instructions, and the time to find the rows that are not zero. Assumed, where the sources are silent:
 * an engine gives a weight each cycle, behind the step before; a pass ends when its last slice does; the bases of a slice come to all
 * its lines at once; all slices of a set go with the digits of the activations they share, those with a row of zeros idly.
 * Source: Zhao et al., 'SmartExchange', ISCA 2020.
 */
import { ModelError } from "../../../sim/core/errors.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { LayerOnArray, LayerValues, TileBox, ValuedArray, ValuedRun, ValuedTiming } from "../layer-values.js";
import { checkTileBox } from "../tile-windows.js";
import { LayerIndex } from "./layer-index.js";
import type { SmartExchangeParameters } from "./smartexchange-parameters.js";
import { SmartExchangeRun } from "./smartexchange-run.js";
import { SmartExchangeTiming } from "./smartexchange-timing.js";
import { type TileRows, tileRows } from "./tile-rows.js";

export class SmartExchangeArray implements ValuedArray {
  readonly peakMacsPerCycle: number;
  readonly nativeEncodings: readonly string[] = ["dense", "smartdeal"];
  readonly #parameters: SmartExchangeParameters;
  readonly #arithmetic: AccumulatorParameters;

  constructor(parameters: SmartExchangeParameters, arithmetic: AccumulatorParameters) {
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.peakMacsPerCycle = parameters.slices * parameters.lines * parameters.macsPerLine;
  }

  /**
   * @throws UnsupportedError where stored rows are no rows of kernels
   * @throws ModelError where values and bounds do not belong together, or the stored form gives other weights
   */
  prepare(layer: LayerValues): LayerOnArray {
    checkSizes(layer);
    return new LayerOnSmartExchange(this.#parameters, this.#arithmetic, new LayerIndex(layer));
  }
}

class LayerOnSmartExchange implements LayerOnArray {
  readonly #parameters: SmartExchangeParameters;
  readonly #arithmetic: AccumulatorParameters;
  readonly #index: LayerIndex;
  /** Rows of the channels that were asked for last: most layers are not cut along them. */
  #rows: { readonly from: number; readonly extent: number; readonly rows: TileRows } | undefined;

  constructor(parameters: SmartExchangeParameters, arithmetic: AccumulatorParameters, index: LayerIndex) {
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.#index = index;
  }

  timeTile(tile: TileBox): ValuedTiming {
    return new SmartExchangeTiming(this.#parameters, this.#index, this.#rowsOf(tile), tile).time();
  }

  runTile(tile: TileBox): ValuedRun {
    const { layer, rows } = this.#index;
    return new SmartExchangeRun(this.#parameters, this.#arithmetic, { layer, rows }, this.#rowsOf(tile), tile).run();
  }

  #rowsOf(tile: TileBox): TileRows {
    const { layer, rows } = this.#index;
    checkTileBox(layer.bounds, tile);
    const [from, extent] = [tile.from.C, tile.extent.C];
    if (this.#rows?.from !== from || this.#rows.extent !== extent) {
      this.#rows = { from, extent, rows: tileRows(layer, rows, tile, this.#parameters.lineAssignment) };
    }
    return this.#rows.rows;
  }
}

function checkSizes({ name, bounds, window, ifmap, weight }: LayerValues): void {
  const { G, N, K, C, R, S } = bounds;
  const wanted = [N * G * C * window.ifmapHeight * window.ifmapWidth, G * K * C * R * S];
  if (ifmap.length === wanted[0] && weight.length === wanted[1]) return;
  const found = `${ifmap.length} activations and ${weight.length} weights; wanted ${wanted.join(" and ")}`;
  throw new ModelError(`peArray (${name})`, found);
}
