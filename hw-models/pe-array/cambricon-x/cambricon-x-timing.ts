/**
 * Closed-form cycles and counts of a tile on Cambricon-X. A PE takes the stored synapses that lie in the window of neurons
 * `multipliersPerPe` a cycle, and the window moves on when the last PE is through: over the windows of an output
 *
 *     cycles = sum of max(1, max over PEs of ceil(stored in the window / multipliersPerPe))
 *
 * which is the same for every output position, since neurons are never skipped.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import { NO_VALUED_COUNTS, type TileBox, type ValuedTiming } from "../layer-values.js";
import type { CambriconXParameters } from "./cambricon-x-parameters.js";
import type { StoredSynapses } from "./stored-synapses.js";

/** Cycles from picking a neuron to writing the sum it is part of: multiply, add, write. */
const STAGES_AFTER_PICKING = 3;

/** What one output position takes, all output channels and groups of a tile. */
export interface PositionCost {
  readonly cycles: number;
  /** Cycles in which some PE picks. */
  readonly busyCycles: number;
  /** Cycles of PEs in which they pick, added up. */
  readonly peCycles: number;
  /** Stored synapses. */
  readonly stored: number;
  readonly folds: number;
  readonly windows: number;
}

/** @param channelsPerGroup K of the layer */
export function costOfPosition(
  parameters: CambriconXParameters,
  stored: StoredSynapses,
  channelsPerGroup: number,
  { from, extent }: TileBox,
): PositionCost {
  const { pes, multipliersPerPe, windowNeurons } = parameters;
  const kernel = extent.R * extent.S;
  const [first, end] = [from.C * kernel, (from.C + extent.C) * kernel];
  const sum = { cycles: 0, busyCycles: 0, peCycles: 0, stored: 0, folds: 0, windows: 0 };
  for (let group = from.G; group < from.G + extent.G; group++) {
    for (let k = from.K; k < from.K + extent.K; k += pes) {
      const lastK = Math.min(k + pes, from.K + extent.K);
      sum.folds++;
      for (let place = first; place < end; place += windowNeurons) {
        const placeEnd = Math.min(place + windowNeurons, end);
        let most = 0;
        for (let channel = k; channel < lastK; channel++) {
          const synapses = stored.count(group * channelsPerGroup + channel, place, placeEnd);
          const slots = ceilDiv(synapses, multipliersPerPe);
          sum.stored += synapses;
          sum.peCycles += slots;
          if (slots > most) most = slots;
        }
        sum.windows++;
        sum.busyCycles += most;
        sum.cycles += Math.max(1, most);
      }
    }
  }
  return sum;
}

export function timeOfPositions(parameters: CambriconXParameters, tile: TileBox, cost: PositionCost): ValuedTiming {
  const { pes, multipliersPerPe, windowNeurons } = parameters;
  const { G, N, K, C, P, Q, R, S } = tile.extent;
  const positions = N * P * Q;
  const reduction = C * R * S;
  const picked = positions * cost.stored;
  const ifmapReads = positions * cost.folds * reduction;
  return {
    folds: cost.folds,
    preloadCycles: 0,
    steadyCycles: positions * cost.cycles,
    drainCycles: STAGES_AFTER_PICKING,
    computeCycles: positions * cost.cycles,
    macOps: picked,
    ifmapReads,
    weightReads: picked,
    ofmapWrites: positions * G * K,
    psumReads: 0,
    // A window is latched once for all PEs, a picked neuron and its synapse in their PE.
    operandRegisterWrites: ifmapReads + 2 * picked,
    psumRegisterWrites: positions * cost.peCycles,
    ifmapFeed: {
      beats: positions * cost.windows,
      vectorElements: Math.min(windowNeurons, reduction),
      axis: "reduction",
    },
    weightFeed: {
      beats: positions * cost.busyCycles,
      vectorElements: Math.min(pes, K) * Math.min(multipliersPerPe, reduction),
      axis: "reduction",
    },
    ofmapFeed: { beats: positions * cost.folds, vectorElements: Math.min(pes, K), axis: "columns" },
    ...NO_VALUED_COUNTS,
    coveredMacs: positions * G * K * reduction,
    indexEntries: picked,
    crossbarTransfers: picked,
  };
}
