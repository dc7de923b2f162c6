/** Random small layers with values and tiles of them, and the sums that a tile has by definition. */
import fc from "fast-check";
import type { Codes, LayerValues, TileBox } from "../../hw-models/pe-array/layer-values.js";
import { LOOP_DIMENSIONS, type LoopDimension, plainWindow, windowOutputExtent } from "../../sim/ir/layer.js";

type Shape = Pick<LayerValues, "bounds" | "window">;

const small = (max: number) => fc.integer({ min: 1, max });
const pad = fc.nat({ max: 2 });

const convolutions: fc.Arbitrary<Shape> = fc
  .record({
    sizes: fc.record({ G: small(3), N: small(2), K: small(5), C: small(7), R: small(3), S: small(3) }),
    ifmap: fc.tuple(small(6), small(6)),
    strides: fc.tuple(small(3), small(3)),
    dilations: fc.tuple(small(2), small(2)),
    pads: fc.tuple(pad, pad, pad, pad),
    isDepthwise: fc.boolean(),
  })
  .map(({ sizes, ifmap, strides, dilations, pads, isDepthwise }) => {
    const window = {
      ifmapHeight: ifmap[0],
      ifmapWidth: ifmap[1],
      strideHeight: strides[0],
      strideWidth: strides[1],
      dilationHeight: dilations[0],
      dilationWidth: dilations[1],
      padTop: pads[0],
      padLeft: pads[1],
      padBottom: pads[2],
      padRight: pads[3],
    };
    const P = windowOutputExtent(ifmap[0], sizes.R, strides[0], dilations[0], pads[0], pads[2]);
    const Q = windowOutputExtent(ifmap[1], sizes.S, strides[1], dilations[1], pads[1], pads[3]);
    return { bounds: { ...sizes, ...(isDepthwise && { K: 1, C: 1 }), P, Q }, window };
  })
  .filter(({ bounds }) => bounds.P >= 1 && bounds.Q >= 1);

/** Products as layers: rows lie along P, G is a batch of products. */
const products: fc.Arbitrary<Shape> = fc
  .record({ G: small(2), K: small(9), C: small(20), P: small(15) })
  .map((sizes) => ({ bounds: { ...sizes, N: 1, Q: 1, R: 1, S: 1 }, window: plainWindow(sizes.P, 1) }));

/** A share of zeros, and magnitudes of up to `magnitudeBits`. */
function codesOf(
  Kind: Int8ArrayConstructor | Int16ArrayConstructor,
  magnitudeBits: number,
  length: number,
  seed: number,
): Codes {
  let state = seed;
  const draw = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
  const codes = new Kind(length);
  for (let at = 0; at < length; at++) {
    const bits = draw() % (magnitudeBits + 1);
    const magnitude = draw() % 2 ** bits;
    codes[at] = draw() % 2 === 0 ? magnitude : -magnitude;
  }
  return codes;
}

export function withValues(shape: Shape, activationBits: 8 | 9 | 16, seed: number): LayerValues {
  const { G, N, K, C, R, S } = shape.bounds;
  const pixels = shape.window.ifmapHeight * shape.window.ifmapWidth;
  const [Kind, bits] = activationBits === 8 ? ([Int8Array, 7] as const) : ([Int16Array, activationBits - 1] as const);
  const ifmap = codesOf(Kind, bits, N * G * C * pixels, seed);
  if (activationBits !== 9) ifmap[seed % ifmap.length] = -(2 ** (activationBits - 1));
  const weight = codesOf(activationBits === 16 ? Int16Array : Int8Array, 7, G * K * C * R * S, seed + 1);
  return { name: "layer", ...shape, ifmap, weight };
}

export const randomLayers: fc.Arbitrary<LayerValues> = fc
  .tuple(fc.oneof(convolutions, products), fc.constantFrom(8, 9, 16), fc.nat({ max: 1 << 24 }))
  .map(([shape, bits, seed]) => withValues(shape, bits, seed));

/** The whole layer as one tile. */
export function wholeTile({ bounds }: LayerValues): TileBox {
  return { from: { G: 0, N: 0, K: 0, C: 0, P: 0, Q: 0, R: 0, S: 0 }, extent: bounds };
}

/** Tiles from cuts of the loops at any step, R and S whole: together they are the layer. */
export function tilesOf({ bounds }: LayerValues, steps: Readonly<Partial<Record<LoopDimension, number>>>): TileBox[] {
  let boxes: { from: Record<LoopDimension, number>; extent: Record<LoopDimension, number> }[] = [
    { from: { G: 0, N: 0, K: 0, C: 0, P: 0, Q: 0, R: 0, S: 0 }, extent: { ...bounds } },
  ];
  for (const dimension of LOOP_DIMENSIONS) {
    const step = steps[dimension] ?? bounds[dimension];
    boxes = boxes.flatMap((box) =>
      Array.from({ length: Math.ceil(bounds[dimension] / step) }, (_, index) => ({
        from: { ...box.from, [dimension]: index * step },
        extent: { ...box.extent, [dimension]: Math.min(step, bounds[dimension] - index * step) },
      })),
    );
  }
  return boxes;
}

/** Steps of cuts of any loop but those of the filter. */
export const cuts = fc.record(
  { G: small(2), N: small(2), K: small(4), C: small(9), P: small(4), Q: small(4) },
  { requiredKeys: [] },
);

/** Calls back with each product of one sum of a tile: the activation, 0 on the padding, and the weight. */
export function forEachProduct(
  { bounds, window, ifmap, weight }: LayerValues,
  { from, extent }: TileBox,
  [n, p, q, g, k]: readonly [number, number, number, number, number],
  visit: (activation: number, weight: number) => void,
): void {
  const { G, K, C, R, S } = bounds;
  const { ifmapHeight: H, ifmapWidth: W } = window;
  for (let c = from.C; c < from.C + extent.C; c++) {
    for (let r = 0; r < R; r++) {
      for (let s = 0; s < S; s++) {
        const h = p * window.strideHeight - window.padTop + r * window.dilationHeight;
        const w = q * window.strideWidth - window.padLeft + s * window.dilationWidth;
        const isInside = h >= 0 && w >= 0 && h < H && w < W;
        const activation = isInside ? ifmap[((n * G * C + g * C + c) * H + h) * W + w]! : 0;
        visit(activation, weight[(((g * K + k) * C + c) * R + r) * S + s]!);
      }
    }
  }
}

/** Places [n, p, q, g, k] of the sums of a tile, in the order in which an array gives them. */
export function placesOf({ from, extent }: TileBox): (readonly [number, number, number, number, number])[] {
  const along = (dimension: LoopDimension) =>
    Array.from({ length: extent[dimension] }, (_, index) => from[dimension] + index);
  return along("N").flatMap((n) =>
    along("P").flatMap((p) =>
      along("Q").flatMap((q) => along("G").flatMap((g) => along("K").map((k) => [n, p, q, g, k] as const))),
    ),
  );
}

/** Sums of a tile by definition. */
export function sumsOf(layer: LayerValues, tile: TileBox): number[] {
  return placesOf(tile).map((place) => {
    let sum = 0;
    forEachProduct(layer, tile, place, (activation, weight) => {
      sum += activation * weight;
    });
    return sum;
  });
}
