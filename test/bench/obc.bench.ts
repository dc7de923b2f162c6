/**
 * OBC on a 3x3 convolution of 64 to 128 channels, 576 inputs a filter: H with its inverse, pruning of all filters to half of the
 * layer's weights and to 2:4, and rounding to 4 bits.
 */
import { bench, describe } from "vitest";
import { gridsOf } from "../../algorithms/compression/obc/grids.js";
import { layerFilters } from "../../algorithms/compression/obc/layer-filters.js";
import { pruneToGroups, pruneToSparsities } from "../../algorithms/compression/obc/prune-layer.js";
import { quantizeFilters } from "../../algorithms/compression/obc/quantize-layer.js";
import { correlatedProducts, evenWeights } from "../helpers/obc-layers.js";

const [INPUTS, FILTERS] = [576, 128];
const matrix = evenWeights(INPUTS, FILTERS, "bench");
const products = correlatedProducts(INPUTS, "bench", 2 * INPUTS);
const prepare = () => layerFilters(matrix, { groups: 1, products }, { damping: 0.01 });
const layer = prepare();
const { grids } = gridsOf(layer.filters, {
  ...{ bits: 4, granularity: "channel", scale: "search" },
  leastScales: matrix.leastScales,
} as const);
const TIMES = { iterations: 3, warmupIterations: 1, time: 0 };

describe("128 filters of 576 inputs", () => {
  bench("H and its inverse", () => void prepare(), TIMES);
  bench("half of all weights pruned", () => void pruneToSparsities(layer, [0.5]), TIMES);
  bench(
    "45 levels of sparsity",
    () =>
      void pruneToSparsities(
        layer,
        Array.from({ length: 45 }, (_, at) => at / 45),
      ),
    TIMES,
  );
  bench("2:4", () => void pruneToGroups(layer, { n: 2, m: 4 }), TIMES);
  bench("4 bits", () => void quantizeFilters(layer, grids), TIMES);
});
