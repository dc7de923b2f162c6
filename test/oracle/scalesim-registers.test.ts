/** Register-level runs of the layers that SCALE-Sim was measured on: the counted cycles and accesses are the peer's. */
import { describe, expect, it } from "vitest";
import { PE_ARRAYS } from "../../hw-models/pe-array/index.js";
import { systolicTable } from "../../hw-models/pe-array/systolic-parameters.js";
import { readReferenceTable } from "../../sim/validate/reference-table.js";
import { readScalesimCase } from "../../sim/validate/scalesim/scalesim-case.js";

const MAX_MACS = 2_000_000;

const table = await readReferenceTable("test/fixtures/scalesim.csv");
const smallDenseRuns = table.rows
  .filter((row) => row.text("sparsity") === "off")
  .map((row) => ({ row, run: readScalesimCase(row) }))
  .filter(({ run }) => run.M * run.N * run.K <= MAX_MACS);

describe("register-level runs of measured layers", () => {
  it("has enough of them to mean something", () => {
    expect(new Set(smallDenseRuns.map(({ run }) => run.dataflow))).toEqual(new Set(["os", "ws", "is"]));
    expect(smallDenseRuns.length).toBeGreaterThan(30);
  });

  it.each(smallDenseRuns.map(({ row, run }) => [run.name, row, run] as const))("%s", (_, row, run) => {
    const { rows, cols, dataflow, M, N, K } = run;
    const shared = { kind: "systolic", rows, cols, dataflow, foldOverlap: "none", macPipelineStages: 1 };
    const widths = { activationBits: 8, weightBits: 8 };
    const parameters = systolicTable.parse({
      ...shared,
      ...widths,
      ...(dataflow === "os" ? {} : { weightPreload: "exposed" }),
    });
    const array = PE_ARRAYS.systolic.create(parameters, { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 });

    const result = array.runTile(
      new Int8Array(M * K).map((_value, index) => (index * 37) % 251),
      new Int8Array(K * N).map((_value, index) => (index * 11) % 241),
      { rows: M, columns: N, reduction: K },
    );

    // The peer reports the last cycle's index; in os it counts rows + cols ofmap writes too many in each fold.
    expect(result.cycles - 1).toBe(row.number("total_cycles") - row.number("stall_cycles"));
    expect(result.ifmapReads).toBe(row.number("sram_ifmap_reads"));
    expect(result.weightReads).toBe(row.number("sram_filter_reads"));
    const folds = Math.ceil(M / rows) * Math.ceil(N / cols);
    const overcount = dataflow === "os" ? folds * (rows + cols) : 0;
    expect(result.ofmapWrites).toBe(row.number("sram_ofmap_writes") - overcount);
  });
});
