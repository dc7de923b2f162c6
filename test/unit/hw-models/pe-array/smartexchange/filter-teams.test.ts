import { describe, expect, it } from "vitest";
import type { LayerValues, TileBox } from "../../../../../hw-models/pe-array/layer-values.js";
import { clustersOf, cohortsOf } from "../../../../../hw-models/pe-array/smartexchange/filter-teams.js";
import { plainWindow } from "../../../../../sim/ir/layer.js";
import { wholeTile, withValues } from "../../../../helpers/random-layers.js";
import { smallMachine } from "../../../../helpers/smartexchange-layers.js";

function product(own: {
  readonly G?: number;
  readonly K: number;
  readonly C: number;
  readonly P: number;
}): LayerValues {
  const bounds = { G: 1, N: 1, Q: 1, R: 1, S: 1, ...own };
  return withValues({ bounds, window: plainWindow(own.P, 1) }, 8, 1);
}

const machine = smallMachine({ slices: 4, macsPerLine: 8 });
const clusters = (layer: LayerValues): number => clustersOf(machine, layer, wholeTile(layer));

describe("filters side by side", () => {
  it("are two a line where half of its MACs have no position, and one of the slices' worth is too few", () => {
    expect(clusters(product({ K: 9, C: 6, P: 4 }))).toBe(2);
    expect(clusters(product({ K: 9, C: 6, P: 5 }))).toBe(1);
    expect(clusters(product({ K: 4, C: 6, P: 1 }))).toBe(1);
    const [layer, single] = [product({ K: 9, C: 6, P: 4 }), smallMachine({ slices: 4, rebuildEnginesPerLine: 1 })];
    expect(clustersOf(single, layer, wholeTile(layer))).toBe(1);
  });

  it("share their inputs in teams of one group", () => {
    const layer = product({ G: 2, K: 9, C: 6, P: 1 });

    expect(cohortsOf(layer, wholeTile(layer), 4, 2)).toEqual([
      [[{ group: 0, from: 0, count: 8 }], [{ group: 0, from: 8, count: 1 }]],
      [[{ group: 1, from: 0, count: 8 }], [{ group: 1, from: 8, count: 1 }]],
    ]);
  });

  it("come from several groups where each has one channel", () => {
    const layer = product({ G: 3, K: 2, C: 1, P: 5 });
    const tile: TileBox = {
      ...wholeTile(layer),
      from: { ...wholeTile(layer).from, G: 1 },
      extent: { ...layer.bounds, G: 2 },
    };

    expect(cohortsOf(layer, tile, 3, 1)).toEqual([
      [
        [
          { group: 1, from: 0, count: 1 },
          { group: 1, from: 1, count: 1 },
          { group: 2, from: 0, count: 1 },
        ],
      ],
      [[{ group: 2, from: 1, count: 1 }]],
    ]);
  });
});
