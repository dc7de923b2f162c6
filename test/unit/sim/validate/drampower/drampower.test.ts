import { rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { TraceError } from "../../../../../sim/core/errors.js";
import { validate } from "../../../../../sim/validate/index.js";
import { folderOf, rewrite, setCell, setParameter } from "./drampower-folder.js";

const CASES = ["ddr4_syn_a/auto_pre", "ddr5_syn_a/sref", "lpddr6_syn_a/ref_db"];

describe("validate drampower", () => {
  it("reads the table and the side files beside it, under any name of a set", async () => {
    const folder = await folderOf(CASES);
    await rewrite(folder.table, (text) => text.replaceAll("ddr4_syn_a", "DDR4_8Gb_x8_2400"));
    await rewrite(folder.sets, (text) => text.replace("ddr4_syn_a", "DDR4_8Gb_x8_2400"));
    await rename(folder.trace(CASES[0]!), folder.trace("DDR4_8Gb_x8_2400/auto_pre"));

    const result = await validate("drampower", folder.table);

    expect(result).toMatchObject({ rows: 3, compared: 3, matched: 3, misses: [] });
    expect(result.excluded.map(({ rows }) => rows)).toEqual([2]);
  });

  it("follows a changed parameter of a set, and names the cells that differ", async () => {
    const folder = await folderOf(CASES);
    await setParameter(folder.sets, ["ddr4_syn_a", "mempowerspec", "ipp2p"], 1);
    await setParameter(folder.sets, ["ddr4_syn_a", "mempowerspec", "idd2n"], 0.0389);

    const { matched, misses } = await validate("drampower", folder.table);

    expect(matched).toBe(2);
    const columns = misses.map(({ column }) => column);
    expect(columns).toEqual(expect.arrayContaining(["e_pre", "e_bg_pre", "e_bg_pre_by_rank", "e_core_total"]));
    // No row is in precharge power-down; times and counts know no currents.
    expect(columns.filter((name) => !name.startsWith("e_") || name === "e_pdnp")).toEqual([]);
  });

  it.each([
    ["n_rda", "31", "integer"],
    ["e_rd", "1e-20", "0 only equals 0"],
    ["e_core_total", "5.0001e-7", "energy"],
    ["rank_act_cycles", "1|2", "list"],
    ["rank_act_cycles", "3400", "list of another length"],
    ["rdq_01", "0", "bus"],
    ["i_total", "1", "interface"],
  ])("reports %s = %s as a miss (%s)", async (column, value) => {
    const folder = await folderOf(CASES);
    await setCell(folder.table, 0, column, value);

    const { matched, misses } = await validate("drampower", folder.table);

    expect(matched).toBe(2);
    expect(misses).toHaveLength(1);
    expect(misses[0]).toMatchObject({ case: CASES[0], column });
    expect(String(misses[0]!.expected)).toBe(value.includes("|") ? value : String(Number(value)));
  });

  it("counts the write clock of LPDDR5 as the peer does, all the time or burst by burst", async () => {
    const folder = await folderOf(["lpddr5_test/rw_interleave"]);
    expect(await validate("drampower", folder.table)).toMatchObject({ matched: 1 });
    await setParameter(folder.sets, ["lpddr5_test", "memarchitecturespec", "WCKalwaysOn"], false);

    const { misses } = await validate("drampower", folder.table);

    // floor(2 / 2) = 1 level a clock; 52 reads and 48 writes of 8 beats, 4 clocks each: 100 x 2 x floor(4 / 2).
    expect(misses[0]).toMatchObject({ column: "i_ctrl_static" });
    expect(misses.find(({ column }) => column === "wck_edges")).toMatchObject({ got: 400 });
  });

  it("compares lists value by value, as one cell", async () => {
    const folder = await folderOf(CASES);
    const { columns } = await validate("drampower", folder.table);

    expect(columns.rank_pre_cycles).toMatchObject({ compared: 3, matched: 3, tolerance: 0 });
  });

  it.each([
    ["e_pre_rda", "17"],
    ["protocol", "DDR3"],
    ["case", "another name"],
  ])("never compares %s", async (column, value) => {
    const folder = await folderOf(CASES);
    await setCell(folder.table, 0, column, value);

    expect(await validate("drampower", folder.table)).toMatchObject({ matched: 3, misses: [] });
  });

  it("takes the activity of the command bus from the row", async () => {
    const folder = await folderOf(CASES);
    await setCell(folder.table, 0, "ca_01", "0");

    const { misses } = await validate("drampower", folder.table);

    expect(misses.map(({ column }) => column)).toEqual(["i_ctrl_dynamic", "i_total"]);
  });

  it("leaves out the four cells of the power-down quirk, and the five of the interface fault, by rule", async () => {
    const folder = await folderOf(["lpddr4_syn_a/pdx_quirk", "ddr4_test/read_stream"]);
    for (const column of ["bank_act_cycles", "e_bg_act_bank", "e_bg_act_bank_by_rank", "e_core_total"]) {
      await setCell(folder.table, 0, column, "1");
    }
    const result = await validate("drampower", folder.table);

    expect(result).toMatchObject({ matched: 2, misses: [] });
    expect(result.excluded.map(({ rule, rows }) => [rule.split(":")[0], rows])).toEqual([
      ["pdx_quirk", 1],
      ["i_fault", 1],
    ]);
    expect(result.columns.e_core_total).toMatchObject({ compared: 1 });
    expect(result.columns.i_total).toMatchObject({ compared: 1 });
    expect(result.columns.rdq_01).toMatchObject({ compared: 2 });
  });

  it("is right where the peer takes a closed bank for active, and so differs in those cells", async () => {
    const folder = await folderOf(["lpddr4_syn_a/pdx_quirk"]);
    await setCell(folder.table, 0, "pdx_quirk", "0");

    const { misses } = await validate("drampower", folder.table);

    expect(misses.map(({ column }) => column).toSorted()).toEqual(
      ["bank_act_cycles", "e_bg_act_bank", "e_bg_act_bank_by_rank", "e_core_total"].toSorted(),
    );
  });

  it.each([
    ["set", async (folder: Awaited<ReturnType<typeof folderOf>>) => setCell(folder.table, 0, "spec", "ddr4_syn_z")],
    ["trace", async (folder: Awaited<ReturnType<typeof folderOf>>) => rm(folder.trace(CASES[0]!))],
  ])("counts a row whose %s is missing as a miss", async (what, spoil) => {
    const folder = await folderOf(CASES);
    await spoil(folder);

    const { compared, matched, misses } = await validate("drampower", folder.table);

    expect({ compared, matched }).toEqual({ compared: 3, matched: 2 });
    expect(misses).toEqual([
      { case: CASES[0], column: "*", expected: "a run", got: expect.stringContaining(`no ${what}`) },
    ]);
  });

  it("counts a row whose commands the device does not have as a miss", async () => {
    const folder = await folderOf(CASES);
    await rewrite(folder.trace(CASES[0]!), (text) => text.replace("ACT,0,0,0", "REFDB,0,0,0"));

    const { misses } = await validate("drampower", folder.table);

    expect(misses).toHaveLength(1);
    expect(misses[0]!.got).toMatch(/REFDB[\s\S]*a command that DDR4/);
  });

  it("counts figures of an interface that we do not model as a miss", async () => {
    const folder = await folderOf(CASES);
    // The last row is LPDDR6, its last 19 cells are those of the interface.
    await rewrite(folder.table, (text) => text.replace(/,{19}$/, ",0".repeat(19)));

    const { misses } = await validate("drampower", folder.table);

    expect(misses).toHaveLength(1);
    expect(misses[0]).toMatchObject({ case: CASES[2], column: "*" });
    expect(misses[0]!.got).toContain("interface of LPDDR6");
  });

  it.each([
    [0, "pdx_quirk", "1", /pdx_quirk\n {2}got: 1/],
    [0, "pdx_quirk", "yes", /want: 0 or 1/],
    [0, "i_fault", "2", /want: 0 or 1/],
    [0, "i_fault", "", /an empty cell/],
    [0, "e_act", "", /column e_act\n {2}got: an empty cell/],
    [0, "e_pre_wra", "", /column e_pre_wra/],
    [0, "e_act", "nan", /column e_act\n {2}got: nan/],
    [0, "n_act", "1.5", /column n_act/],
    [0, "n_act", "-1", /column n_act/],
    [0, "rank_act_cycles", "1|", /column rank_act_cycles\n {2}got: an empty cell/],
    [0, "e_bg_pre_by_rank", "1;2", /column e_bg_pre_by_rank/],
    [0, "ck_edges", "", /column ck_edges/],
    [0, "trace", "", /column trace\n {2}got: an empty cell/],
    [0, "trace", "../secret", /a name, not a path/],
    [1, "i_total", "1", /i_ctrl_static\n {2}got: an empty cell/],
  ])("refuses row %i with %s = '%s'", async (row, column, value, message) => {
    const folder = await folderOf(CASES);
    await setCell(folder.table, row, column, value);

    await expect(validate("drampower", folder.table)).rejects.toThrow(TraceError);
    await expect(validate("drampower", folder.table)).rejects.toThrow(message);
  });

  it("refuses an interface fault outside DDR4", async () => {
    const folder = await folderOf(["lpddr4_syn_a/read_stream"]);
    await setCell(folder.table, 0, "i_fault", "1");

    await expect(validate("drampower", folder.table)).rejects.toThrow(/i_fault\n {2}got: 1 for LPDDR4/);
  });

  it("refuses an empty interface but for LPDDR6 and DDR5 with self refresh in its trace", async () => {
    const empty = (text: string): string => text.replace(/(,[^,\n]*){19}$/, ",".repeat(19));
    for (const name of ["ddr4_test/idle", "ddr5_test/idle", "lpddr5_test/sref"]) {
      const folder = await folderOf([name]);
      await rewrite(folder.table, empty);

      await expect(validate("drampower", folder.table)).rejects.toThrow(/an empty cell for (DDR4|DDR5|LPDDR5)/);
    }
  });

  it("refuses a table without a column, without rows, or cut off", async () => {
    const folder = await folderOf(CASES);
    await rewrite(folder.table, (text) => text.replace("wdq_01", "wdq_10"));
    await expect(validate("drampower", folder.table)).rejects.toThrow(/column wdq_01\n {2}got: no such column/);

    const other = await folderOf(CASES);
    await rewrite(other.table, (text) => text.split("\n")[0]!);
    await expect(validate("drampower", other.table)).rejects.toThrow(/a header without rows/);

    const cut = await folderOf(CASES);
    await rewrite(cut.table, (text) => text.slice(0, text.indexOf("auto_pre") + 200));
    await expect(validate("drampower", cut.table)).rejects.toThrow(TraceError);
  });

  it("refuses a table without its sets or its folder of traces", async () => {
    const folder = await folderOf(CASES);
    await rm(folder.sets);
    await expect(validate("drampower", folder.table)).rejects.toThrow(/drampower-specs.json[\s\S]*ENOENT/);

    const other = await folderOf(CASES);
    await rm(join(dirname(other.table), "drampower-traces"), { recursive: true });
    await expect(validate("drampower", other.table)).rejects.toThrow(/drampower-traces\n {2}got: no such folder/);
  });
});
