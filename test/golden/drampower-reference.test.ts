/**
 * The command power model against DRAMPower: every row of the reference table, cell by cell. What the table pins are figures
 * of the peer, never of ours; a new table is copied with its sets and traces.
 */
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { validate } from "../../sim/validate/index.js";

const TABLE = fileURLToPath(new URL("../fixtures/drampower/drampower.csv", import.meta.url));

describe("command power model", () => {
  it("matches every compared cell of every row of the reference table", async () => {
    const result = await validate("drampower", TABLE);

    expect(result.misses).toEqual([]);
    expect(result).toMatchObject({ kind: "drampower", rows: 233, compared: 233, matched: 233 });
    expect(result.excluded.map(({ rule, rows }) => [rule.split(":")[0], rows])).toEqual([
      ["pdx_quirk", 9],
      ["i_fault", 5],
      ["no interface", 42],
    ]);
  });

  it("compares counts exactly, energies to 1e-9, and only the cells that no rule leaves out", async () => {
    const { columns } = await validate("drampower", TABLE);

    const all = { compared: 233, matched: 233 };
    expect(columns.n_pre).toMatchObject({ ...all, tolerance: 0 });
    expect(columns.rank_sref_cycles).toMatchObject({ ...all, tolerance: 0 });
    expect(columns.e_act).toMatchObject({ ...all, tolerance: 1e-9 });
    // 9 rows of 233; 42 rows, and 5 more, of 233.
    for (const name of ["bank_act_cycles", "e_bg_act_bank", "e_bg_act_bank_by_rank", "e_core_total"]) {
      expect(columns[name]).toMatchObject({ compared: 224, matched: 224 });
    }
    for (const name of ["ck_edges", "wck_edges", "rdqs_edges", "wdqs_edges", "rdq_zeroes", "wdq_01"]) {
      expect(columns[name]).toMatchObject({ compared: 191, matched: 191, tolerance: 0 });
    }
    for (const name of ["i_ctrl_static", "i_ctrl_dynamic", "i_dram_static", "i_dram_dynamic", "i_total"]) {
      expect(columns[name]).toMatchObject({ compared: 186, matched: 186, tolerance: 1e-9 });
    }
    for (const name of ["e_pre_rda", "e_pre_wra", "ca_ones", "pdx_quirk", "i_fault"]) {
      expect(columns[name]).toBeUndefined();
    }
  });
});
