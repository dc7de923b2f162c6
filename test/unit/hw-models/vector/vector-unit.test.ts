import { describe, expect, it } from "vitest";
import { VECTOR_COSTS, vectorCycles, vectorOperations } from "../../../../hw-models/vector/vector-unit.js";
import { VECTOR_FUNCTIONS } from "../../../../sim/ir/layer.js";

const UNIT = { lanes: 16, pipelineStages: 4 };

describe("vector unit", () => {
  it("takes three passes for a softmax of 1000 elements on 16 lanes: 3 x (63 + 4) cycles", () => {
    expect(vectorCycles(UNIT, "softmax", 1000)).toBe(201);
  });

  it("takes two passes for a layer normalisation of 768 elements: 2 x (48 + 4) cycles", () => {
    expect(vectorCycles(UNIT, "layer-normalization", 768)).toBe(104);
  });

  it("takes one pass for an addition: ceil(100 / 16) + 4 cycles", () => {
    expect(vectorCycles(UNIT, "add", 100)).toBe(11);
  });

  it("goes over every element of every window of a pooling", () => {
    // 56 x 56 x 64 outputs of 3 x 3 windows.
    expect(vectorCycles(UNIT, "max-pool", 56 * 56 * 64 * 9)).toBe((56 * 56 * 64 * 9) / 16 + 4);
  });

  it("costs every function something", () => {
    for (const name of VECTOR_FUNCTIONS) {
      expect(VECTOR_COSTS[name].passes).toBeGreaterThanOrEqual(1);
      expect(vectorOperations(name, 10)).toBeGreaterThanOrEqual(10);
    }
  });
});
