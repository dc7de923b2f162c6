import { describe, expect, it } from "vitest";
import type { LayerValues } from "../../../../../hw-models/pe-array/layer-values.js";
import { SmartExchangeArray } from "../../../../../hw-models/pe-array/smartexchange/smartexchange.js";
import { weightRows } from "../../../../../hw-models/pe-array/smartexchange/weight-rows.js";
import { ModelError, UnsupportedError } from "../../../../../sim/core/errors.js";
import { wholeTile } from "../../../../helpers/random-layers.js";
import { rebuiltSquareLayer, smallMachine, squareLayer, WIDE } from "../../../../helpers/smartexchange-layers.js";

const rebuilt = rebuiltSquareLayer({ K: 2, C: 7, side: 3, kernel: 3 }, 3, 100);

describe("the rows of weights", () => {
  it("are kernel rows, or three channels with the last row filled up", () => {
    const kernels = weightRows(squareLayer({ K: 1, C: 2, side: 3, kernel: 2 }, 1));
    const channels = weightRows(squareLayer({ K: 1, C: 5, side: 3, kernel: 1 }, 1));

    expect(kernels).toMatchObject({ areKernelRows: true, count: 4, size: 2 });
    expect([...kernels.places]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(channels).toMatchObject({ areKernelRows: false, count: 2, size: 3 });
    expect([...channels.places]).toEqual([0, 1, 2, 3, 4, -1]);
  });

  it("of a turned matrix hold every third channel", () => {
    const layer = rebuiltSquareLayer({ K: 1, C: 5, side: 2, kernel: 1 }, 1, 100);

    // Five channels go down two columns of three: 0 3, 1 4, 2 and filling.
    expect([...weightRows(layer).places]).toEqual([0, 3, 1, 4, 2, -1]);
  });

  it("count what is not 0: weights as they are, and coefficients of those that are rebuilt", () => {
    const layer = squareLayer({ K: 1, C: 1, side: 2, kernel: 2 }, 1);

    expect([...weightRows({ ...layer, weight: Int8Array.of(0, 0, 3, 0) }).nonZeros]).toEqual([0, 1]);
    const { codes } = rebuilt.smartdeal!;
    const rows = Array.from({ length: codes.length / 3 }, (_, row) => codes.slice(3 * row, 3 * row + 3));
    expect([...weightRows(rebuilt).nonZeros]).toEqual(rows.map((row) => row.filter((code) => code !== 0).length));
  });

  it("must be those of the layer", () => {
    const weight = rebuilt.weight.slice();
    weight[5]! ^= 1;
    const other = rebuiltSquareLayer({ K: 3, C: 7, side: 3, kernel: 3 }, 3, 100);

    expect(() => weightRows({ ...rebuilt, weight })).toThrow(ModelError);
    expect(() => weightRows({ ...rebuilt, smartdeal: other.smartdeal! })).toThrow(/3 x 7 x 3 x 3.*2 x 7 x 3 x 3/);
  });

  it("are refused where a row of Ce is no row of a kernel", () => {
    const smartdeal = rebuilt.smartdeal!;
    const shape = { ...smartdeal.shape, size: 9, sliceRows: 7, slices: 1 };
    const wide: LayerValues = { ...rebuilt, smartdeal: { ...smartdeal, shape } };

    expect(() => weightRows(wide)).toThrow(UnsupportedError);
    expect(() => weightRows(wide)).toThrow(/layer[\s\S]*9 coefficients[\s\S]*3 x 3/);
  });
});

describe("a layer shown to the SmartExchange array", () => {
  const array = new SmartExchangeArray(smallMachine(), WIDE);

  it("must have as many values as its bounds say", () => {
    expect(() => array.prepare({ ...rebuilt, ifmap: new Int8Array(3) })).toThrow(ModelError);
  });

  it("is timed in tiles that lie in it and hold its filters whole", () => {
    const prepared = array.prepare(rebuilt);
    const { from, extent } = wholeTile(rebuilt);

    expect(() => prepared.timeTile({ from, extent: { ...extent, R: 2 } })).toThrow(ModelError);
    expect(() => prepared.timeTile({ from, extent: { ...extent, K: 0 } })).toThrow(ModelError);
    expect(() => prepared.runTile({ from: { ...from, C: 1 }, extent })).toThrow(ModelError);
  });
});
