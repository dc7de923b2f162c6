/**
 * Layers that worker threads decompose have the bytes of one thread: the container and its statistics, as a store is given them. A
 * worker runs a built file, so these tests run the built package; layers of fewer than 2^17 weights stay with the caller.
 */
import type { Worker } from "node:worker_threads";
import type { ByteStore } from "picojoule";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLI_MISSING } from "../helpers/run-cli.js";

if (CLI_MISSING !== undefined) console.log(`skipped: ${CLI_MISSING}`);

const workers: Worker[] = [];
let running = 0;
const onWorker = (worker: Worker): void => {
  workers.push(worker);
  running++;
  worker.once("exit", () => running--);
};
beforeEach(() => {
  workers.length = 0;
  running = 0;
  process.on("worker", onWorker);
});
afterEach(() => {
  process.off("worker", onWorker);
});

/** A store that keeps nothing and tells what it was given. */
class Given implements ByteStore {
  readonly layers: { readonly key: string; readonly hex: string }[] = [];

  async get(): Promise<undefined> {
    return undefined;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    this.layers.push({ key, hex: Buffer.from(bytes).toString("hex") });
  }
}

/** 128 * 128 * 9 = 147,456 weights, above 2^17 = 131,072. */
const LARGE = "layer2.0.conv2";
/** 512 * 1000 weights: no multiple of three workers' ranges. */
const LINEAR = "fc";
/** 64 * 64 * 9 = 36,864. */
const SMALL = "layer1.0.conv1";

async function runWith(layers: readonly string[], values: object, signal?: AbortSignal) {
  const { loadDesign, loadNetwork, simulate } = await import("picojoule");
  return simulate(await loadNetwork("resnet18"), await loadDesign("smartexchange"), {
    layers,
    encoding: "smartdeal:t=0.004",
    fidelity: "analytic",
    values: { distribution: "gaussian", ...values },
    ...(signal !== undefined && { signal }),
  });
}

describe.skipIf(CLI_MISSING !== undefined)("layers decomposed by worker threads", () => {
  it("have the bytes of one thread with 1, 2 and 3 workers, which end with the run", async () => {
    const [alone, ...others] = [new Given(), new Given(), new Given()];
    const report = await runWith([SMALL, LARGE, LINEAR], { store: alone, workers: 1 });
    expect(alone!.layers.map(({ hex }) => hex.length > 1000)).toEqual([true, true, true]);
    expect(workers).toHaveLength(0);

    for (const [index, store] of others.entries()) {
      workers.length = 0;
      const count = index + 2;
      const found = await runWith([SMALL, LARGE, LINEAR], { store, workers: count });

      expect(store.layers.map(({ key }) => key)).toEqual(alone!.layers.map(({ key }) => key));
      expect(store.layers.every(({ hex }, layer) => hex === alone!.layers[layer]!.hex)).toBe(true);
      expect(found).toEqual(report);
      expect([workers.length, running]).toEqual([count, 0]);
    }
  });

  it("are those large enough alone", async () => {
    await runWith([SMALL], { workers: 4 });
    expect(workers).toHaveLength(0);
  });

  it("end in the middle of a layer when the signal aborts", async () => {
    const { CancelledError } = await import("picojoule");
    const controller = new AbortController();
    const store = new Given();
    process.once("worker", () => setImmediate(() => controller.abort()));

    await expect(runWith([LARGE], { store, workers: 2 }, controller.signal)).rejects.toThrow(CancelledError);
    expect(store.layers).toHaveLength(0);
    expect([workers.length, running]).toEqual([2, 0]);
  });

  it("end when the run fails", async () => {
    const store = new Given();
    store.put = () => Promise.reject(new Error("disk full"));

    await expect(runWith([LARGE], { store, workers: 2 })).rejects.toThrow("disk full");
    expect([workers.length, running]).toEqual([2, 0]);
  });

  it("make it the tool's own fault when a worker ends by itself", async () => {
    process.once("worker", (worker: Worker) => void worker.terminate());

    await expect(runWith([LARGE], { workers: 2 })).rejects.toThrow(/smartdeal workers[\s\S]*ended before its work/);
    expect(running).toBe(0);
  });

  it("take 1 to 64 workers", async () => {
    for (const count of [0, 65, 1.5, Number.NaN, "2"]) {
      await expect(runWith([SMALL], { workers: count })).rejects.toThrow(/a whole number of threads, 1 to 64/);
    }
  });
});
