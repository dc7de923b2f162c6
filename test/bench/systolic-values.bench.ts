/** A ResNet-sized tile with values through the registers of a 32x32 and a 128x128 array: 231 M MACs, in lanes and by plain loops. */
import { bench, describe } from "vitest";
import { SystolicArray } from "../../dist/hw-models/pe-array/systolic.js";
import { systolicTable } from "../../dist/hw-models/pe-array/systolic-parameters.js";

const TILE = { rows: 784, columns: 256, reduction: 1152 };
const ifmap = new Int8Array(TILE.rows * TILE.reduction).map((_, index) => (index * 7) % 251);
const weight = new Int8Array(TILE.reduction * TILE.columns).map((_, index) => (index * 5) % 241);

for (const size of [32, 128]) {
  describe(`${size}x${size}`, () => {
    for (const dataflow of ["os", "ws", "is"]) {
      const shared = { kind: "systolic", rows: size, cols: size, dataflow, foldOverlap: "pipelined" };
      const widths = { macPipelineStages: 1, activationBits: 8, weightBits: 8 };
      const stationary = dataflow === "os" ? {} : { weightPreload: "shadow" };
      const parameters = systolicTable.parse({ ...shared, ...widths, ...stationary });
      const arithmetic = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;
      for (const registers of ["lanes", "plain"] as const) {
        const array = new SystolicArray(parameters, arithmetic, registers);
        bench(`${dataflow}, ${registers}`, () => {
          array.runTile(ifmap, weight, TILE);
        });
      }
    }
  });
}
