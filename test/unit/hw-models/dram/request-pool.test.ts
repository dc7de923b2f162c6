/** Requests that wait, found by address: against a map, under thousands of arrivals and departures. */
import { describe, expect, it } from "vitest";
import { NONE, REQUEST, RequestPool } from "../../../../hw-models/dram/request-pool.js";
import { mulberry32 } from "../../../../traces/mulberry32.js";

const CAPACITY = 64;
const BYTES = 64;

interface Waiting {
  readonly id: number;
  readonly address: number;
  readonly isWrite: boolean;
}

function take(pool: RequestPool, address: number, isWrite: boolean, tag = 0): number {
  return pool.take(0, 0, 0, isWrite, address, 0, tag);
}

describe("a request pool", () => {
  it("finds what a plain list finds, with full buckets and far addresses", () => {
    const draw = mulberry32(5);
    const pool = new RequestPool(CAPACITY, BYTES);
    const list: Waiting[] = [];
    let found = 0;
    for (let step = 0; step < 20_000; step++) {
      // 96 addresses, apart from each other beyond 2^32: several share each of 128 buckets.
      const address = ((draw() % 96) * 2 ** 33 + (draw() % 2) * 2 ** 20) * 1;
      const isWrite = draw() % 2 === 1;
      const same = list.filter((one) => one.address === address);
      const write = same.find((one) => one.isWrite);
      const expected = write ?? same[0];
      const got = pool.find(address);

      expect(got).toBe(expected === undefined ? NONE : expected.id);
      if (expected !== undefined) {
        found++;
        expect(pool.hasReadOf(expected.id)).toBe(same.some((one) => !one.isWrite));
      }
      // At most one read and one write of an address wait, as in a channel: others are merged.
      if (!same.some((one) => one.isWrite === isWrite) && list.length < CAPACITY) {
        list.push({ id: take(pool, address, isWrite), address, isWrite });
      }
      if (list.length === CAPACITY || draw() % 3 === 0) {
        const [left] = list.splice(draw() % list.length, 1);
        if (left !== undefined) pool.release(left.id);
      }
    }
    expect(found).toBeGreaterThan(5000);
  });

  it("keeps what a request was taken with, at a place of its own", () => {
    const pool = new RequestPool(4, BYTES);
    const first = pool.take(3, 70_000, 12, true, 2 ** 40, 2 ** 35, -7);
    const second = pool.take(4, 1, 2, false, 64, 9, 8);
    const { words } = pool;

    expect(
      [REQUEST.bank, REQUEST.row, REQUEST.column, REQUEST.isWrite, REQUEST.tag].map((word) => words[first + word]),
    ).toEqual([3, 70_000, 12, 1, -7]);
    expect(words[second + REQUEST.row]).toBe(1);
    expect([pool.addedCycle(first), pool.addedCycle(second)]).toEqual([2 ** 35, 9]);
  });

  it("refuses a request beyond its capacity, and has room again when one leaves", () => {
    const pool = new RequestPool(2, BYTES);
    const first = take(pool, 0, false);
    take(pool, 64, false);

    expect(() => take(pool, 128, false)).toThrow(/more requests than its queues hold/);
    pool.release(first);
    expect(take(pool, 128, false)).toBe(first);
  });

  it("gives back every read that waits for another's data, once, however many there are", () => {
    const pool = new RequestPool(2, BYTES);
    const [first, second] = [take(pool, 0, false), take(pool, 64, false)];
    for (let tag = 0; tag < 200; tag++) pool.merge(tag % 2 === 0 ? first : second, 1000 + tag, tag);

    for (const [request, parity] of [
      [first, 0],
      [second, 1],
    ] as const) {
      const tags: number[] = [];
      for (let node = pool.takeMergedOf(request); node !== NONE; node = pool.takeMergedOf(request)) {
        expect(pool.mergedAddedCycle(node)).toBe(1000 + pool.mergedTagOf(node));
        tags.push(pool.mergedTagOf(node));
      }
      expect(tags.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => 2 * index + parity));
    }
  });
});
