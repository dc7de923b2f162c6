/** What a controller does with an open row. */
import { RD, RDA, WR, WRA } from "./commands.js";
import type { ControllerParameters } from "./controller-parameters.js";

/**
 * Contract: a row is opened for the oldest request of a closed bank. Column commands of requests that hit it are these, and
 * those that precharge by themselves leave no row to hit. Whether it may be closed depends on nothing but what is asked here.
 */
export interface RowPolicy {
  /** Command that a read, and a write, of an open row takes. */
  readonly readCommand: number;
  readonly writeCommand: number;
  /**
   * Whether a request for another row may close the open one.
   * @param columnAccesses that the open row has served
   * @param waitingHits requests in the bank's queue that the open row would still serve
   */
  mayClose(columnAccesses: number, waitingHits: number): boolean;
}

/**
 * Rows stay open for further hits. A row with waiting hits is closed for another only after it has served `hitCap` accesses,
 * so that nobody starves.
 */
export function openPage(hitCap: number): RowPolicy {
  return {
    readCommand: RD,
    writeCommand: WR,
    mayClose: (columnAccesses, waitingHits) => waitingHits === 0 || columnAccesses >= hitCap,
  };
}

/** Every column command precharges: rows are never hit. */
export function closePage(hitCap: number): RowPolicy {
  return { ...openPage(hitCap), readCommand: RDA, writeCommand: WRA };
}

export function createRowPolicy({ rowPolicy, rowHitCap }: ControllerParameters): RowPolicy {
  return rowPolicy === "close" ? closePage(rowHitCap) : openPage(rowHitCap);
}
