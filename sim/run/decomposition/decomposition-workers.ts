/**
 * SmartDeal's layers on several threads: the filters of a large layer are decomposed by workers, which are started when the first
 * such layer comes; all that looks at the layer as a whole stays with the caller. The bytes are those of one thread, whatever
 * their number. Where the caller's signal aborts, the workers end at once, in the middle of a layer.
 */
import { Worker } from "node:worker_threads";
import {
  type CompressLayerOptions,
  compressLayer,
  finishLayer,
  prepareLayer,
  type SmartDealLayer,
} from "../../../algorithms/compression/smartdeal/compress-layer.js";
import type { Decomposition } from "../../../algorithms/compression/smartdeal/decompose.js";
import type { FilterShape } from "../../../algorithms/compression/smartdeal/filter-matrix.js";
import type { DecomposeOptions } from "../../../algorithms/compression/smartdeal/options.js";
import { CancelledError, ModelError } from "../../core/errors.js";
import { cutFilters, decomposeFilters, type FilterMatrices } from "./decompose-filters.js";

/** A layer of fewer weights is done before workers have woken up. */
const LEAST_WEIGHTS = 2 ** 17;
/** Slices take different numbers of passes: with several ranges each, no worker waits long for the last one. */
const RANGES_PER_WORKER = 4;

/** Filters that a worker decomposes. */
export interface DecompositionJob {
  readonly filters: FilterMatrices;
  readonly options: DecomposeOptions;
}

export class DecompositionWorkers {
  readonly #count: number;
  readonly #signal: AbortSignal | undefined;
  readonly #workers: Worker[] = [];
  readonly #abort = (): void => void this.close();

  /** @param count threads that decompose; the caller's waits meanwhile, and hears of the signal */
  constructor(count: number, signal?: AbortSignal) {
    this.#count = count;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort);
  }

  /**
   * As `compressLayer` of the method.
   * @throws what that throws, CancelledError when the signal aborts
   */
  readonly compressLayer = async (
    weights: Float64Array,
    filter: FilterShape,
    options: CompressLayerOptions,
  ): Promise<SmartDealLayer> => {
    if (weights.length < LEAST_WEIGHTS) return compressLayer(weights, filter, options);
    const { layer, chosen } = prepareLayer(weights, filter, options);
    const ranges = cutFilters(layer.shape.filters, this.#count * RANGES_PER_WORKER);
    const decomposers = this.#started(Math.min(this.#count, ranges.length)).map(
      (worker) => (filters: FilterMatrices) => this.#ask(worker, { filters, options: chosen }),
    );
    return finishLayer(weights, { ...layer, slices: await decomposeFilters(layer, ranges, decomposers) }, chosen);
  };

  /** Ends the workers; what they are at is not finished. */
  async close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#abort);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #started(count: number): readonly Worker[] {
    if (this.#signal?.aborted) throw new CancelledError("the simulation");
    while (this.#workers.length < count) {
      this.#workers.push(new Worker(new URL("./decomposition-worker.js", import.meta.url)));
    }
    return this.#workers.slice(0, count);
  }

  #ask(worker: Worker, job: DecompositionJob): Promise<Decomposition[]> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        worker.off("message", answered).off("error", failed).off("exit", ended);
        finish();
      };
      const answered = (slices: Decomposition[]): void => settle(() => resolve(slices));
      const failed = (error: Error): void =>
        settle(() => reject(new ModelError("smartdeal workers", `a worker failed: ${error.message}`)));
      const ended = (): void => {
        const isCancelled = this.#signal?.aborted === true;
        const error = isCancelled
          ? new CancelledError("the simulation")
          : new ModelError("smartdeal workers", "a worker ended before its work");
        settle(() => reject(error));
      };
      worker.on("message", answered).on("error", failed).on("exit", ended);
      worker.postMessage(job, [job.filters.matrices.buffer as ArrayBuffer]);
    });
  }
}
