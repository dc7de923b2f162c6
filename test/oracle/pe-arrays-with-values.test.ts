/**
 * Every registered array, in every dataflow it has, on random small layers: convolutions with stride, padding, dilation and
 * groups, depthwise ones and products. Its values against the loops of the definition, its cycles and counts against its own
 * closed form.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DianNaoArray } from "../../hw-models/pe-array/diannao/diannao.js";
import { PE_ARRAYS } from "../../hw-models/pe-array/index.js";
import type { PeArray } from "../../hw-models/pe-array/pe-array.js";
import { systolicTable } from "../../hw-models/pe-array/systolic-parameters.js";
import { type LoopBounds, type Window, windowOutputExtent } from "../../sim/ir/layer.js";
import { ifmapMatrix } from "../../sim/run/functional/functional-operands.js";

const ARITHMETIC = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 } as const;

/** Arrays of each kind whose time shapes decide, by what distinguishes them. */
const ARRAYS: Readonly<Record<"systolic" | "diannao", () => Readonly<Record<string, PeArray>>>> = {
  diannao: () => {
    const create = (outputs: number, inputs: number, pipelineStages: number): PeArray =>
      new DianNaoArray(
        { kind: "diannao", outputs, inputs, pipelineStages, activationBits: 8, weightBits: 8 },
        ARITHMETIC,
      );
    return { small: create(4, 3, 3), wide: create(9, 20, 1), deep: create(2, 5, 7) };
  },
  systolic: () => {
    const shared = { kind: "systolic", rows: 4, cols: 3, foldOverlap: "pipelined", macPipelineStages: 2 };
    const create = (own: object): PeArray =>
      PE_ARRAYS.systolic.create(
        systolicTable.parse({ ...shared, activationBits: 8, weightBits: 8, ...own }),
        ARITHMETIC,
      );
    return {
      os: create({ dataflow: "os" }),
      ws: create({ dataflow: "ws", weightPreload: "shadow", accumulatorRows: 5 }),
      is: create({ dataflow: "is", weightPreload: "exposed" }),
      wide: create({ dataflow: "ws", weightPreload: "exposed", rows: 9, cols: 20 }),
    };
  },
};

interface SmallLayer {
  readonly bounds: LoopBounds;
  readonly window: Window;
}

const small = (max: number) => fc.integer({ min: 1, max });

const convolutions: fc.Arbitrary<SmallLayer> = fc
  .record({
    G: small(3),
    N: small(2),
    K: small(5),
    C: small(4),
    H: small(6),
    W: small(6),
    R: small(3),
    S: small(3),
    strides: fc.tuple(small(3), small(3)),
    dilations: fc.tuple(small(2), small(2)),
    pads: fc.tuple(...([0, 1, 2, 3].map(() => fc.nat({ max: 2 })) as [fc.Arbitrary<number>])),
    isDepthwise: fc.boolean(),
  })
  .map(({ H, W, strides, dilations, pads, isDepthwise, ...size }) => {
    const [padTop = 0, padLeft = 0, padBottom = 0, padRight = 0] = pads as readonly number[];
    const P = windowOutputExtent(H, size.R, strides[0], dilations[0], padTop, padBottom);
    const Q = windowOutputExtent(W, size.S, strides[1], dilations[1], padLeft, padRight);
    const window: Window = {
      ifmapHeight: H,
      ifmapWidth: W,
      strideHeight: strides[0],
      strideWidth: strides[1],
      dilationHeight: dilations[0],
      dilationWidth: dilations[1],
      padTop,
      padLeft,
      padBottom,
      padRight,
    };
    return { bounds: { ...size, ...(isDepthwise && { K: 1, C: 1 }), P, Q }, window };
  })
  .filter(({ bounds }) => bounds.P >= 1 && bounds.Q >= 1);

/** Products as layers: rows lie along P. */
const products: fc.Arbitrary<SmallLayer> = fc.record({ K: small(9), C: small(20), P: small(15) }).map((size) => ({
  bounds: { G: 1, N: 1, Q: 1, R: 1, S: 1, ...size },
  window: {
    ifmapHeight: size.P,
    ifmapWidth: 1,
    strideHeight: 1,
    strideWidth: 1,
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: 0,
    padLeft: 0,
    padBottom: 0,
    padRight: 0,
  },
}));

/** The convolution as it is defined, one sum after the other: [N*P*Q, K] of one group. */
function definition({ bounds, window }: SmallLayer, group: number, ifmap: Int8Array, weight: Int8Array): number[] {
  const { G, N, K, C, P, Q, R, S } = bounds;
  const { ifmapHeight: H, ifmapWidth: W } = window;
  const sums: number[] = [];
  for (let n = 0; n < N; n++) {
    for (let p = 0; p < P; p++) {
      for (let q = 0; q < Q; q++) {
        for (let k = 0; k < K; k++) {
          let sum = 0;
          for (let c = 0; c < C; c++) {
            for (let r = 0; r < R; r++) {
              for (let s = 0; s < S; s++) {
                const h = p * window.strideHeight - window.padTop + r * window.dilationHeight;
                const w = q * window.strideWidth - window.padLeft + s * window.dilationWidth;
                if (h < 0 || w < 0 || h >= H || w >= W) continue;
                const pixel = ifmap[((n * G * C + group * C + c) * H + h) * W + w]!;
                sum += pixel * weight[(((group * K + k) * C + c) * R + r) * S + s]!;
              }
            }
          }
          sums.push(sum);
        }
      }
    }
  }
  return sums;
}

function bytesOf(count: number, seed: number): Int8Array {
  let state = seed;
  return new Int8Array(count).map(() => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
}

function checkLayer(array: PeArray, layer: SmallLayer, seed: number): void {
  const { G, N, K, C, P, Q, R, S } = layer.bounds;
  const { ifmapHeight: H, ifmapWidth: W } = layer.window;
  const codes = bytesOf(N * G * C * H * W, seed);
  const weight = bytesOf(G * K * C * R * S, seed + 1);
  const view = { codes, batch: G * C * H * W, group: C * H * W, channel: H * W, row: W, column: 1 };
  for (let group = 0; group < G; group++) {
    const from = { G: group, N: 0, K: 0, C: 0, P: 0, Q: 0, R: 0, S: 0 };
    const matrix = ifmapMatrix(view, layer.window, group, { from, extent: { ...layer.bounds, G: 1 } });
    const reduction = C * R * S;
    const turned = new Int8Array(reduction * K);
    for (let at = 0; at < turned.length; at++) {
      turned[at] = weight[(group * K + (at % K)) * reduction + Math.floor(at / K)]!;
    }
    const tile = { rows: N * P * Q, columns: K, reduction };

    const { ofmap, cycles, overflowEvents, ...counts } = array.runTile(matrix, turned, tile);

    const timing = array.timeTile(tile);
    expect([...ofmap]).toEqual(definition(layer, group, codes, weight));
    expect(cycles).toBe(timing.preloadCycles + timing.steadyCycles + timing.drainCycles);
    expect(timing).toMatchObject(counts);
    expect(overflowEvents).toBe(0);
  }
}

for (const [kind, arrays] of Object.entries(ARRAYS)) {
  for (const [title, array] of Object.entries(arrays())) {
    describe(`the ${kind} array, ${title}`, () => {
      it("gives the sums of any convolution", () => {
        fc.assert(
          fc.property(convolutions, fc.nat(), (layer, seed) => checkLayer(array, layer, seed)),
          { numRuns: 150 },
        );
      });

      it("gives the sums of any product", () => {
        fc.assert(
          fc.property(products, fc.nat(), (layer, seed) => checkLayer(array, layer, seed)),
          { numRuns: 100 },
        );
      });
    });
  }
}
