/**
 * SmartDeal's layers from a store. The key is the SHA-256 of all that decides about a layer: the version of the method, the shape
 * of a filter, every option with what is not given filled in, and the bytes of the weights. What is stored is the container, with
 * the numbers of its statistics before it.
 */
import { createHash } from "node:crypto";
import {
  type CompressedLayerStatistics,
  type CompressLayerOptions,
  compressLayer,
  SMARTDEAL_VERSION,
  type SmartDealLayer,
} from "../../../algorithms/compression/smartdeal/compress-layer.js";
import type { FilterShape } from "../../../algorithms/compression/smartdeal/filter-matrix.js";
import { decomposeOptions } from "../../../algorithms/compression/smartdeal/options.js";
import { UserError } from "../../core/errors.js";
import { decodeSmartDeal, encodeSmartDeal, smartDealBits } from "../../ir/encodings/smartdeal.js";
import type { ByteStore } from "./byte-store.js";

/** The order in which the statistics are stored. */
const STATISTICS = [
  "compressionRatio",
  "relativeError",
  "coefficientSparsityFraction",
  "coefficientsLowered",
  "coefficientsCleared",
  "mostPasses",
] as const satisfies readonly (keyof CompressedLayerStatistics)[];
const STATISTICS_BYTES = 8 * STATISTICS.length;

export type LayerCompressor = (
  ...given: Required<Parameters<typeof compressLayer>>
) => SmartDealLayer | Promise<SmartDealLayer>;

/**
 * The layer that `compressLayer` makes of weights [filters, channels, kernelHeight, kernelWidth], from the store when it is there,
 * and put there when it is not. Without a store it is computed.
 * @param compress `compressLayer`, or what gives the same on other threads
 * @throws what `compressLayer` throws
 */
export async function cachedCompressLayer(
  store: ByteStore | undefined,
  weights: Float64Array,
  filter: FilterShape,
  options: CompressLayerOptions = {},
  compress: LayerCompressor = compressLayer,
): Promise<SmartDealLayer> {
  if (store === undefined) return compress(weights, filter, options);
  const key = keyOf(weights, filter, options);
  const bytes = await store.get(key);
  const stored = bytes && decodeLayer(bytes);
  if (stored !== undefined) return stored;
  const layer = await compress(weights, filter, options);
  await store.put(key, encodeLayer(layer));
  return layer;
}

function keyOf(
  weights: Float64Array,
  { channels, kernelHeight, kernelWidth }: FilterShape,
  { decompose, rowRule, keptChannels }: CompressLayerOptions,
): string {
  const parts = [
    ["smartdeal", SMARTDEAL_VERSION],
    [channels, kernelHeight, kernelWidth],
    sortedEntries(decomposeOptions(decompose)),
    rowRule === undefined ? [] : sortedEntries(rowRule),
    keptChannels === undefined ? [] : [...keptChannels],
  ];
  const hash = createHash("sha256").update(`${JSON.stringify(parts)}\n`);
  return hash.update(new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength)).digest("hex");
}

function sortedEntries(fields: object): [string, unknown][] {
  return Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function encodeLayer({ weights, statistics }: SmartDealLayer): Uint8Array {
  const container = encodeSmartDeal(weights);
  const bytes = new Uint8Array(STATISTICS_BYTES + container.length);
  const view = new DataView(bytes.buffer);
  for (const [index, name] of STATISTICS.entries()) view.setFloat64(8 * index, statistics[name], true);
  bytes.set(container, STATISTICS_BYTES);
  return bytes;
}

/** Undefined for bytes that `encodeLayer` does not write. */
function decodeLayer(bytes: Uint8Array): SmartDealLayer | undefined {
  if (bytes.length < STATISTICS_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = STATISTICS.map((_, index) => view.getFloat64(8 * index, true));
  if (!numbers.every((number) => number >= 0 && Number.isFinite(number))) return undefined;
  try {
    const weights = decodeSmartDeal(bytes.subarray(STATISTICS_BYTES));
    const statistics = Object.fromEntries(STATISTICS.map((name, index) => [name, numbers[index]!]));
    return { weights, bits: smartDealBits(weights), statistics: statistics as unknown as CompressedLayerStatistics };
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
