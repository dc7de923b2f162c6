/**
 * Gives the caller a turn now and then during a long run: to abort it, to draw progress. Counted in tiles, not in time, so
 * that a run never depends on the clock on the wall.
 */
import { CancelledError } from "../core/errors.js";

export interface TurnOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, what: string) => void;
}

/** Tiles between two turns: some tens of milliseconds. */
export const TILES_PER_TURN = 50_000;

export class Turns {
  private readonly options: TurnOptions;
  private readonly total: number;
  private tilesSinceTurn = 0;

  /** @param total steps of the whole run, for progress */
  constructor(options: TurnOptions, total: number) {
    this.options = options;
    this.total = total;
  }

  /**
   * Notes some tiles of work, and gives a turn when it is time.
   * @throws CancelledError when the caller's signal has aborted
   */
  async take(tiles: number, done: number, what: string): Promise<void> {
    this.options.onProgress?.(done, this.total, what);
    this.tilesSinceTurn += tiles;
    if (this.tilesSinceTurn >= TILES_PER_TURN) {
      this.tilesSinceTurn = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (this.options.signal?.aborted) throw new CancelledError("the simulation");
  }
}
