/**
 * What the data bus of one channel did with its time, so that a wait can be explained: moving data; idle behind a refresh;
 * idle while a row was closed and opened for the next data; idle otherwise, which is latency. One entry a burst, in the order
 * of data; entries older than any wait that can still be asked about are dropped.
 */
import type { WaitBreakdown } from "../../sim/engine/memory-system.js";

const FIRST_CAPACITY = 1024;

export class BusTimeline {
  /** End of each burst's data, and how its time since the one before divides; sums from the beginning. */
  private endAt = new Float64Array(FIRST_CAPACITY);
  private refreshSum = new Float64Array(FIRST_CAPACITY);
  private rowSum = new Float64Array(FIRST_CAPACITY);
  private dataSum = new Float64Array(FIRST_CAPACITY);
  private first = 0;
  private next = 0;
  private end = 0;
  private refresh = 0;
  private row = 0;
  private data = 0;

  /**
   * Notes a burst.
   * @param start first cycle of its data; @param end the cycle after the last
   * @param refreshUntil end of the refresh before it
   * @param rowCycles that closing and opening its row took
   */
  add(start: number, end: number, refreshUntil: number, rowCycles: number): void {
    const from = this.end;
    const begins = Math.max(start, from);
    const refresh = Math.max(0, Math.min(refreshUntil, begins) - from);
    const row = Math.max(0, Math.min(rowCycles, begins - from - refresh));
    this.refresh += refresh;
    this.row += row;
    this.data += Math.max(0, end - begins);
    this.end = Math.max(from, end);
    if (this.next - this.first === this.endAt.length) this.grow();
    const slot = this.next++ & (this.endAt.length - 1);
    this.endAt[slot] = this.end;
    this.refreshSum[slot] = this.refresh;
    this.rowSum[slot] = this.row;
    this.dataSum[slot] = this.data;
  }

  private grow(): void {
    const size = this.endAt.length;
    for (const name of ["endAt", "refreshSum", "rowSum", "dataSum"] as const) {
      const larger = new Float64Array(2 * size);
      for (let index = this.first; index < this.next; index++) {
        larger[index & (2 * size - 1)] = this[name][index & (size - 1)]!;
      }
      this[name] = larger;
    }
  }

  /** Drops what ended before a cycle, but for the last such entry. */
  forget(before: number): void {
    const mask = this.endAt.length - 1;
    while (this.next - this.first > 1 && this.endAt[(this.first + 1) & mask]! < before) this.first++;
  }

  /** Adds the reasons of the time between two cycles, in cycles of this clock times `scale`; what is left is latency. */
  explain(from: number, to: number, scale: number, into: WaitBreakdown): void {
    into.bandwidth += scale * (this.at(this.dataSum, to, 2) - this.at(this.dataSum, from, 2));
    into.rowConflict += scale * (this.at(this.rowSum, to, 1) - this.at(this.rowSum, from, 1));
    into.refresh += scale * (this.at(this.refreshSum, to, 0) - this.at(this.refreshSum, from, 0));
  }

  /** A sum at some moment. Within an entry refresh comes first, then the row, then idle time, then data. */
  private at(sums: Float64Array, cycle: number, part: 0 | 1 | 2): number {
    const mask = this.endAt.length - 1;
    let low = this.first;
    let high = this.next;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.endAt[middle & mask]! <= cycle) low = middle + 1;
      else high = middle;
    }
    const isFirst = low === this.first;
    const before = isFirst ? 0 : sums[(low - 1) & mask]!;
    if (low === this.next) return before;
    const whole = sums[low & mask]! - before;
    const from = isFirst ? 0 : this.endAt[(low - 1) & mask]!;
    const end = this.endAt[low & mask]!;
    if (part === 2) return before + Math.max(0, whole - (end - cycle));
    const refresh = this.refreshSum[low & mask]! - (isFirst ? 0 : this.refreshSum[(low - 1) & mask]!);
    const passed = cycle - from - (part === 1 ? refresh : 0);
    return before + Math.max(0, Math.min(whole, passed));
  }
}
