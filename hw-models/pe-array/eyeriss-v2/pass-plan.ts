/**
 * How a tile is laid over the PEs. Output channels are cut in blocks of a PE; the places of the reduction in chunks whose non-zero
 * weights every block's PE can hold, each as long as it may be. A team is a PE for each block and each chunk of a chain; teams take
 * output positions in turn. What the PEs cannot take at once follows in further passes.
 *
 *     for group, for fold of output channels, for pass over chunks        weights stay in the PEs
 *       parallel over teams: output positions in turn                     activations go to all blocks of a team
 *         parallel over blocks (K) and links of the chain (C, R, S)
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import type { LayerValues, TileBox } from "../layer-values.js";
import type { EyerissV2Parameters } from "./eyeriss-v2-parameters.js";

/** Places of the reduction, in the order c, r, s of the layer. */
export interface Chunk {
  readonly first: number;
  readonly end: number;
}

/** Output channels that are worked on together, in blocks of a PE. */
export interface Fold {
  /** Of the layer. */
  readonly group: number;
  readonly firstChannel: number;
  readonly channels: number;
  readonly blocks: number;
  readonly teams: number;
  /** Chunks of the chain of each pass. */
  readonly passes: readonly (readonly Chunk[])[];
  /** Non-zero weights of each place of the tile's reduction in each block, [places, blocks]. */
  readonly counts: Uint16Array;
  /** Place of the first row of `counts`. */
  readonly firstPlace: number;
}

/** The folds of a tile, one after the other. */
export function* foldsOf(parameters: EyerissV2Parameters, layer: LayerValues, tile: TileBox): Generator<Fold> {
  const { from, extent } = tile;
  const foldChannels =
    Math.min(parameters.pes, ceilDiv(extent.K, parameters.outputChannels)) * parameters.outputChannels;
  for (let group = from.G; group < from.G + extent.G; group++) {
    for (let k = 0; k < extent.K; k += foldChannels) {
      yield foldOf(parameters, layer, tile, group, from.K + k, Math.min(foldChannels, extent.K - k));
    }
  }
}

function foldOf(
  parameters: EyerissV2Parameters,
  layer: LayerValues,
  tile: TileBox,
  group: number,
  firstChannel: number,
  channels: number,
): Fold {
  const { N, P, Q, C, R, S } = tile.extent;
  const blocks = ceilDiv(channels, parameters.outputChannels);
  const firstPlace = tile.from.C * R * S;
  const counts = countWeights(layer, { group, firstChannel, channels, blocks }, firstPlace, C * R * S, parameters);
  const chunks = chunksOf(counts, blocks, firstPlace, parameters.weightEntries);
  const links = Math.min(parameters.chainPes, chunks.length, Math.floor(parameters.pes / blocks));
  const passes: Chunk[][] = [];
  for (let at = 0; at < chunks.length; at += links) passes.push(chunks.slice(at, at + links));
  const teams = Math.min(N * P * Q, Math.floor(parameters.pes / (blocks * links)));
  return { group, firstChannel, channels, blocks, teams, passes, counts, firstPlace };
}

function countWeights(
  { weight, bounds }: LayerValues,
  fold: Pick<Fold, "group" | "firstChannel" | "channels" | "blocks">,
  firstPlace: number,
  places: number,
  { outputChannels }: EyerissV2Parameters,
): Uint16Array {
  const length = bounds.C * bounds.R * bounds.S;
  const counts = new Uint16Array(places * fold.blocks);
  for (let channel = 0; channel < fold.channels; channel++) {
    const base = (fold.group * bounds.K + fold.firstChannel + channel) * length + firstPlace;
    let at = Math.floor(channel / outputChannels);
    for (let place = 0; place < places; place++, at += fold.blocks) if (weight[base + place] !== 0) counts[at]!++;
  }
  return counts;
}

/** As few chunks as can be, from the first place on. */
function chunksOf(counts: Uint16Array, blocks: number, firstPlace: number, weightEntries: number): Chunk[] {
  const places = counts.length / blocks;
  const held = new Uint32Array(blocks);
  const chunks: Chunk[] = [];
  let first = 0;
  for (let place = 0; place < places; place++) {
    let most = 0;
    for (let block = 0; block < blocks; block++) {
      held[block]! += counts[place * blocks + block]!;
      most = Math.max(most, held[block]!);
    }
    if (most <= weightEntries) continue;
    chunks.push({ first: firstPlace + first, end: firstPlace + place });
    for (let block = 0; block < blocks; block++) held[block] = counts[place * blocks + block]!;
    first = place;
  }
  chunks.push({ first: firstPlace + first, end: firstPlace + places });
  return chunks;
}
