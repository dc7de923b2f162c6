/**
 * DCNN, the dense twin that SCNN is compared with: the same grid of PEs with pieces of the plane, the same multipliers, but as a
 * dot product: a PE holds the channels of a pixel, `lanes` at a time, while the weights of a group of output channels pass, and
 * does one dot product a cycle for each tap that has an output. Zeros are multiplied like any number; taps on padding or between
 * strides are passed over, since loops are counted here and not read from indices. PEs wait for each other at the end of a group.
 * Source: Parashar et al., ISCA 2017 (PT-IS with dot products), read in notes on it; the loops inside a PE are assumed.
 *
 *     for pass over outputs, for image, for group               buffer -> array
 *       for group of Kc output channels of each part            barrier
 *         parallel over PEs
 *           for input channels by lanes, for pixel, for k, r, s
 *             parallel over lanes
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import {
  type LayerOnArray,
  type LayerValues,
  NO_VALUED_COUNTS,
  type TileBox,
  type ValuedArray,
  type ValuedTiming,
} from "../layer-values.js";
import { checkTileBox } from "../tile-windows.js";
import type { DcnnParameters } from "./dcnn-parameters.js";
import { DcnnRun } from "./dcnn-run.js";
import { dcnnMachine } from "./dcnn-structure.js";
import { GroupPipeline } from "./group-pipeline.js";
import type { AxisTiles } from "./planar-tiles.js";
import { planTile } from "./tile-plan.js";

export class DcnnArray implements ValuedArray {
  readonly peakMacsPerCycle: number;
  readonly nativeEncodings: readonly string[] = ["dense"];
  readonly #parameters: DcnnParameters;
  readonly #arithmetic: AccumulatorParameters;

  constructor(parameters: DcnnParameters, arithmetic: AccumulatorParameters) {
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.peakMacsPerCycle = parameters.peRows * parameters.peCols * parameters.lanes;
  }

  prepare(layer: LayerValues): LayerOnArray {
    return {
      timeTile: (tile) => {
        checkTileBox(layer.bounds, tile);
        return timeDense(this.#parameters, layer, tile);
      },
      runTile: (tile) => {
        checkTileBox(layer.bounds, tile);
        return new DcnnRun(this.#parameters, this.#arithmetic, layer, tile).run();
      },
    };
  }
}

/** Pairs of a place and a tap that have an output, of each piece. */
function pairsOf({ pieces, piece, length, outputOf }: AxisTiles, taps: number): number[] {
  const pairs = new Array<number>(pieces).fill(0);
  for (let place = 0; place < length; place++) {
    for (let tap = 0; tap < taps; tap++) {
      if (outputOf[place * taps + tap]! >= 0) pairs[Math.floor(place / piece)]!++;
    }
  }
  return pairs;
}

const total = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);

function timeDense(parameters: DcnnParameters, layer: LayerValues, tile: TileBox): ValuedTiming {
  const { peRows, peCols, lanes } = parameters;
  const { G, N, K, C, P, Q, R, S } = tile.extent;
  const plan = planTile(dcnnMachine(parameters), layer, tile);
  const pipeline = new GroupPipeline();
  const sum = { folds: 0, computeCycles: 0, dots: 0, pixels: 0, weightReads: 0, latches: 0, halo: 0, macs: 0 };
  let ofmapBeats = 0;
  for (const { rows, columns, outputs } of plan.passes) {
    const [rowPairs, columnPairs] = [pairsOf(rows, R), pairsOf(columns, S)];
    const dots = ceilDiv(C, lanes) * total(rowPairs) * total(columnPairs);
    const slowest = ceilDiv(C, lanes) * Math.max(0, ...rowPairs) * Math.max(0, ...columnPairs);
    const halo = total(rows.outputs) * total(columns.outputs) - rows.reached * columns.reached;
    const largest = Math.max(0, ...rows.outputs) * Math.max(0, ...columns.outputs);
    const pixels = rows.length * columns.length * C;
    for (let turn = 0; turn < plan.images * G; turn++) {
      for (let k = 0; k < K; k += plan.channelParts * plan.groupChannels) {
        const channels = Math.min(K - k, plan.channelParts * plan.groupChannels);
        const perPart = Math.min(channels, plan.groupChannels);
        pipeline.add(perPart * slowest, ceilDiv(perPart * largest, lanes));
        sum.folds++;
        sum.computeCycles += perPart * slowest;
        sum.dots += channels * dots;
        sum.macs += channels * total(rowPairs) * total(columnPairs) * C;
        sum.pixels += ceilDiv(channels, plan.groupChannels) * pixels;
        sum.weightReads += channels * C * R * S;
        sum.halo += channels * halo;
        ofmapBeats += ceilDiv(channels * outputs.rows * outputs.columns, peRows * peCols * lanes);
      }
    }
  }
  const perVector = Math.min(peRows * peCols, N * P * Q);
  return {
    folds: sum.folds,
    preloadCycles: 0,
    steadyCycles: pipeline.ends,
    drainCycles: pipeline.left - pipeline.ends,
    computeCycles: sum.computeCycles,
    macOps: sum.macs,
    ifmapReads: sum.pixels,
    weightReads: sum.weightReads,
    ofmapWrites: N * P * Q * G * K,
    psumReads: 0,
    operandRegisterWrites: sum.pixels + sum.macs,
    psumRegisterWrites: sum.dots + sum.halo,
    ifmapFeed: { beats: ceilDiv(sum.pixels, perVector), vectorElements: perVector, axis: "rows" },
    weightFeed: {
      beats: ceilDiv(sum.weightReads, lanes),
      vectorElements: Math.min(lanes, C * R * S),
      axis: "reduction",
    },
    ofmapFeed: { beats: ofmapBeats, vectorElements: perVector, axis: "rows" },
    coveredMacs: G * N * K * C * P * Q * R * S,
    ...NO_VALUED_COUNTS,
  };
}
