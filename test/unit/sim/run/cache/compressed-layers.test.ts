import { describe, expect, it } from "vitest";
import {
  type CompressLayerOptions,
  compressLayer,
} from "../../../../../algorithms/compression/smartdeal/compress-layer.js";
import { ConfigError } from "../../../../../sim/core/errors.js";
import { Random } from "../../../../../sim/core/rng.js";
import type { ByteStore } from "../../../../../sim/run/cache/byte-store.js";
import { cachedCompressLayer } from "../../../../../sim/run/cache/compressed-layers.js";

/** A store in memory that tells what was asked of it. */
class RecordingStore implements ByteStore {
  readonly entries = new Map<string, Uint8Array>();
  readonly keys: string[] = [];
  puts = 0;

  async get(key: string): Promise<Uint8Array | undefined> {
    this.keys.push(key);
    return this.entries.get(key);
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    this.puts++;
    this.entries.set(key, bytes);
  }
}

const FILTER = { channels: 16, kernelHeight: 3, kernelWidth: 3 };
const random = new Random("cache");
const WEIGHTS = Float64Array.from({ length: 4 * 144 }, () => (random.fraction() - 0.5) * 0.3);
const KEPT = Uint8Array.from({ length: 16 }, (_, channel) => (channel === 3 ? 0 : 1));

describe("a layer from a store", () => {
  it.each<[string, CompressLayerOptions]>([
    ["plain", {}],
    ["with pruned rows and channels", { rowRule: { kind: "population", fraction: 0.3 }, keptChannels: KEPT }],
  ])("is the layer that is computed, the first time and from then on: %s", async (_, options) => {
    const store = new RecordingStore();
    const expected = compressLayer(WEIGHTS, FILTER, options);

    expect(await cachedCompressLayer(store, WEIGHTS, FILTER, options)).toEqual(expected);
    expect(await cachedCompressLayer(store, WEIGHTS, FILTER, options)).toEqual(expected);
    expect([store.puts, new Set(store.keys).size]).toEqual([1, 1]);
    expect(await cachedCompressLayer(undefined, WEIGHTS, FILTER, options)).toEqual(expected);
  });

  it("has one key for what is the same", async () => {
    const store = new RecordingStore();
    const moved = new Float64Array(WEIGHTS.length + 3);
    moved.set(WEIGHTS, 3);
    await cachedCompressLayer(store, WEIGHTS, FILTER, { decompose: { threshold: 0.01, iterations: 30 } });
    await cachedCompressLayer(store, moved.subarray(3), { ...FILTER }, { decompose: { threshold: 0.01 } });

    expect([store.puts, new Set(store.keys).size]).toEqual([1, 1]);
  });

  it("has a key of its own for each weight, shape and option", async () => {
    const store = new RecordingStore();
    const other = WEIGHTS.with(7, WEIGHTS[7]! + 2 ** -54);
    const turns: [Float64Array, typeof FILTER, CompressLayerOptions][] = [
      [WEIGHTS, FILTER, {}],
      [other, FILTER, {}],
      [WEIGHTS, { channels: 144, kernelHeight: 1, kernelWidth: 1 }, {}],
      [WEIGHTS, { ...FILTER, channels: 8 }, {}],
      [WEIGHTS, FILTER, { keptChannels: KEPT }],
      [WEIGHTS, FILTER, { rowRule: { kind: "population", fraction: 0.25 } }],
      [WEIGHTS, FILTER, { rowRule: { kind: "energy", keptFraction: 0.25 } }],
      ...Object.entries({
        iterations: 5,
        threshold: 0.01,
        clearsRows: true,
        scalesColumns: true,
        tolerance: 1e-3,
        cutoff: 1e-9,
        decay: 0.25,
        greatest: 16,
      }).map(([name, value]): [Float64Array, typeof FILTER, CompressLayerOptions] => [
        WEIGHTS,
        FILTER,
        { decompose: { [name]: value } },
      ]),
    ];
    for (const [weights, filter, options] of turns) await cachedCompressLayer(store, weights, filter, options);

    expect(new Set(store.keys).size).toBe(turns.length);
  });

  it.each([
    ["nothing", () => new Uint8Array()],
    ["half of it", (bytes: Uint8Array) => bytes.slice(0, bytes.length / 2)],
    ["statistics that are no numbers", (bytes: Uint8Array) => bytes.slice().fill(255, 0, 48)],
    ["a container of another shape", (bytes: Uint8Array) => bytes.with(48, 99)],
  ])("is computed again where the store holds %s, and put there whole", async (_, damage) => {
    const store = new RecordingStore();
    await cachedCompressLayer(store, WEIGHTS, FILTER);
    const [key, whole] = [...store.entries][0]!;
    store.entries.set(key, damage(whole));

    expect(await cachedCompressLayer(store, WEIGHTS, FILTER)).toEqual(compressLayer(WEIGHTS, FILTER));
    expect(store.entries.get(key)).toEqual(whole);
  });

  it("refuses wrong options before it asks the store", async () => {
    const store = new RecordingStore();

    await expect(cachedCompressLayer(store, WEIGHTS, FILTER, { decompose: { momentum: 1 } })).rejects.toThrow(
      ConfigError,
    );
    expect(store.keys).toEqual([]);
  });
});
