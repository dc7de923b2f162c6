/** DRAM traffic of a tiling against a walk that remembers what is in the buffers. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dramBytesOf,
  LOOP_ORDERS,
  type TilingProblem,
  tileLoops,
  touchedLinesOfAllTiles,
} from "../../algorithms/mapping/tile-plan.js";
import { searchTiling } from "../../algorithms/mapping/tiling-search.js";
import { type LoopBounds, windowOutputExtent } from "../../sim/ir/layer.js";

const problem = fc
  .record({
    N: fc.integer({ min: 1, max: 3 }),
    K: fc.integer({ min: 1, max: 7 }),
    C: fc.integer({ min: 1, max: 7 }),
    H: fc.integer({ min: 3, max: 9 }),
    W: fc.integer({ min: 3, max: 9 }),
    R: fc.integer({ min: 1, max: 3 }),
    S: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 4 }),
    pad: fc.integer({ min: 0, max: 1 }),
  })
  .map(({ N, K, C, H, W, R, S, stride, pad }): TilingProblem => {
    const P = windowOutputExtent(H, R, stride, 1, pad, pad);
    const Q = windowOutputExtent(W, S, stride, 1, pad, pad);
    return {
      name: "layer",
      bounds: { G: 1, N, K, C, P, Q, R, S },
      window: {
        ifmapHeight: H,
        ifmapWidth: W,
        strideHeight: stride,
        strideWidth: stride,
        dilationHeight: 1,
        dilationWidth: 1,
        padTop: pad,
        padLeft: pad,
        padBottom: pad,
        padRight: pad,
      },
      ifmapBits: 8,
      weightDramBits: 8,
      weightBufferBits: 8,
      ofmapBits: 8,
      psumBits: 32,
      reductionInArray: Number.POSITIVE_INFINITY,
      ifmapResident: false,
      ofmapResident: false,
      capacityBytes: { ifmap: 1 << 20, weight: 1 << 20, ofmap: 1 << 20 },
      busyExtents: { outputs: 1, K: 1, reduction: 1 },
      stepK: 1,
      loopOrder: "search",
    };
  });

/** Distinct ifmap lines that some outputs of an axis read, by looking at every tap. */
function linesRead(size: number, filter: number, stride: number, pad: number, from: number, to: number): Set<number> {
  const lines = new Set<number>();
  for (let output = from; output < to; output++) {
    for (let tap = 0; tap < filter; tap++) {
      const line = output * stride + tap - pad;
      if (line >= 0 && line < size) lines.add(line);
    }
  }
  return lines;
}

/** Bytes moved by walking the tile loops and refetching whatever changed. */
function walkedBytes({ bounds, window, psumBits }: TilingProblem, tile: LoopBounds, order: string): number {
  const nest = [...order].flatMap((letter) => (letter === "p" ? ["N", "P", "Q"] : [letter.toUpperCase()]));
  const index: Record<string, number> = { N: 0, K: 0, C: 0, P: 0, Q: 0 };
  const seenPsums = new Set<string>();
  let bytes = 0;
  let weightHeld = "";
  let ifmapHeld = "";
  let ofmapHeld = "";
  let ofmapBytes = 0;
  let ofmapDone = false;
  const flush = (): void => {
    if (ofmapHeld === "") return;
    bytes += ofmapDone ? ofmapBytes : (ofmapBytes * psumBits) / 8;
    seenPsums.add(ofmapHeld);
  };
  const visit = (): void => {
    const extent = (name: keyof LoopBounds): number => Math.min(tile[name], bounds[name] - index[name]!);
    const weight = `${index.K},${index.C}`;
    if (weight !== weightHeld) bytes += extent("K") * extent("C") * bounds.R * bounds.S;
    weightHeld = weight;
    const ifmap = `${index.N},${index.C},${index.P},${index.Q}`;
    if (ifmap !== ifmapHeld) {
      const rows = linesRead(
        window.ifmapHeight,
        bounds.R,
        window.strideHeight,
        window.padTop,
        index.P!,
        index.P! + extent("P"),
      );
      const columns = linesRead(
        window.ifmapWidth,
        bounds.S,
        window.strideWidth,
        window.padLeft,
        index.Q!,
        index.Q! + extent("Q"),
      );
      bytes += extent("N") * extent("C") * rows.size * columns.size;
    }
    ifmapHeld = ifmap;
    const ofmap = `${index.N},${index.K},${index.P},${index.Q}`;
    if (ofmap !== ofmapHeld) {
      flush();
      ofmapBytes = extent("N") * extent("K") * extent("P") * extent("Q");
      if (seenPsums.has(ofmap)) bytes += (ofmapBytes * psumBits) / 8;
      ofmapHeld = ofmap;
    }
    ofmapDone = index.C! + extent("C") === bounds.C;
  };
  const walk = (depth: number): void => {
    const name = nest[depth] as keyof LoopBounds | undefined;
    if (name === undefined) {
      visit();
      return;
    }
    for (index[name] = 0; index[name]! < bounds[name]; index[name]! += tile[name]) walk(depth + 1);
    index[name] = 0;
  };
  walk(0);
  flush();
  return bytes;
}

describe("tile traffic", () => {
  it("equals a walk that refetches what changed, in every loop order", () => {
    fc.assert(
      fc.property(problem, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 5, maxLength: 5 }), (given, cuts) => {
        const { bounds, window } = given;
        const [N, K, C, P, Q] = cuts as [number, number, number, number, number];
        const tile = {
          ...bounds,
          N: Math.min(N, bounds.N),
          K: Math.min(K, bounds.K),
          C: Math.min(C, bounds.C),
          P: Math.min(P, bounds.P),
          Q: Math.min(Q, bounds.Q),
        };
        const lines =
          touchedLinesOfAllTiles("height", bounds, window, tile.P) *
          touchedLinesOfAllTiles("width", bounds, window, tile.Q);
        for (const order of LOOP_ORDERS) {
          expect(dramBytesOf(given, tile, order, lines)).toBe(walkedBytes(given, tile, order));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("finds a plan that fits and that no other order of its own tile beats", () => {
    fc.assert(
      fc.property(problem, fc.integer({ min: 20, max: 400 }), (given, bytes) => {
        const tight = { ...given, capacityBytes: { ifmap: bytes + 100, weight: bytes, ofmap: bytes } };

        const plan = searchTiling(tight);

        const { tile } = plan;
        expect(tile.K * tile.C * tile.R * tile.S).toBeLessThanOrEqual(bytes);
        expect(plan.loops).toEqual(tileLoops(given.bounds, tile, plan.order));
        for (const order of LOOP_ORDERS) expect(plan.dramBytes).toBeLessThanOrEqual(walkedBytes(tight, tile, order));
        expect(plan.dramBytes).toBe(walkedBytes(tight, tile, plan.order));
      }),
      { numRuns: 300 },
    );
  });

  it("moves each operand once when everything fits", () => {
    fc.assert(
      fc.property(problem, (given) => {
        const { N, K, C, P, Q, R, S } = given.bounds;
        const { window } = given;

        const plan = searchTiling(given);

        const rows = linesRead(window.ifmapHeight, R, window.strideHeight, window.padTop, 0, P).size;
        const columns = linesRead(window.ifmapWidth, S, window.strideWidth, window.padLeft, 0, Q).size;
        expect(plan.dramBytes).toBe(K * C * R * S + N * C * rows * columns + N * K * P * Q);
      }),
    );
  });
});
