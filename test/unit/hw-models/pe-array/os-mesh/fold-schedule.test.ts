/** When PEs of the mesh finish and sums leave, by hand. */
import { describe, expect, it } from "vitest";
import {
  finishCycles,
  foldCycles,
  lanesOf,
  leavingCycles,
  streamCycles,
} from "../../../../../hw-models/pe-array/os-mesh/fold-schedule.js";
import { osMeshTable } from "../../../../../hw-models/pe-array/os-mesh/os-mesh-parameters.js";

const mesh = (rows: number, cols: number, readPorts: number, writePorts: number) =>
  osMeshTable.parse({ kind: "os-mesh", rows, cols, readPorts, writePorts, activationBits: 8, weightBits: 8 });

describe("a fold of the mesh", () => {
  it("finishes along diagonals when every lane has a port", () => {
    // 3 steps: the first corner does its last in cycle 2, each hop takes one more.
    expect([...finishCycles(mesh(2, 3, 5, 6), { rows: 2, cols: 3, reduction: 3 })]).toEqual([2, 3, 4, 3, 4, 5]);
  });

  it("is given a word every second cycle by ports of two lanes", () => {
    // Columns 0 and 1 share a port, rows 0 and 1 another: last words in cycles 4 and 5 of both.
    const fold = { rows: 2, cols: 2, reduction: 3 };

    expect([...finishCycles(mesh(2, 2, 2, 4), fold)]).toEqual([4, 5, 5, 6]);
    expect(streamCycles(mesh(2, 2, 2, 4), fold)).toBe(6);
  });

  it("uses of a port only the lanes of a ragged fold", () => {
    // Ports of 3 lanes: columns 0 to 2, column 3 with rows 0 and 1, rows 2 and 3.
    const lanes = lanesOf(mesh(4, 4, 3, 1), { rows: 3, cols: 1 });

    expect([...lanes.inUse]).toEqual([1, 2, 1]);
    expect(lanes.columnLanes).toEqual([{ port: 0, place: 0 }]);
    expect(lanes.rowLanes).toEqual([
      { port: 1, place: 0 },
      { port: 1, place: 1 },
      { port: 2, place: 0 },
    ]);
  });

  it("lets sums leave from the cycle after the last step on, one a port", () => {
    const fold = { rows: 2, cols: 2, reduction: 3 };

    // Finished in cycles 2, 3, 3 and 4.
    expect([...leavingCycles(mesh(2, 2, 4, 4), fold)]).toEqual([3, 4, 4, 5]);
    expect([...leavingCycles(mesh(2, 2, 4, 1), fold)]).toEqual([3, 4, 5, 6]);
    expect(foldCycles(mesh(2, 2, 4, 1), fold)).toBe(7);
    // PEs 0 and 2 have one port, 1 and 3 the other.
    expect([...leavingCycles(mesh(2, 2, 4, 2), fold)]).toEqual([3, 4, 4, 5]);
  });
});
