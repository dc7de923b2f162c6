/** The closed form of a ResNet-sized tile on a 32x32 and a 128x128 array. */
import { bench, describe } from "vitest";
import { PE_ARRAYS } from "../../hw-models/pe-array/index.js";
import { systolicTable } from "../../hw-models/pe-array/systolic-parameters.js";

const TILE = { rows: 784, columns: 256, reduction: 1152 };

for (const size of [32, 128]) {
  describe(`${size}x${size}`, () => {
    for (const dataflow of ["os", "ws", "is"]) {
      const shared = { kind: "systolic", rows: size, cols: size, dataflow, foldOverlap: "pipelined" };
      const widths = { macPipelineStages: 1, activationBits: 8, weightBits: 8 };
      const stationary = dataflow === "os" ? {} : { weightPreload: "shadow" };
      const array = PE_ARRAYS.systolic.create(systolicTable.parse({ ...shared, ...widths, ...stationary }), {
        accumulatorBits: 32,
        overflow: "wrap",
        psumSpillBits: 32,
      });
      bench(`${dataflow}`, () => {
        array.timeTile(TILE);
      });
    }
  });
}
