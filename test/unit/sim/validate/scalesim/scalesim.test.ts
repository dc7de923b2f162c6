import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError, TraceError } from "../../../../../sim/core/errors.js";
import { validate } from "../../../../../sim/validate/index.js";

/** Figures measured with SCALE-Sim 3.0.0 (MIT), commit 1d62b68, and five reports of its own regression test. */
const TABLE = "test/fixtures/scalesim.csv";

async function lines(): Promise<string[]> {
  return (await readFile(TABLE, "utf8")).trimEnd().split("\n");
}

async function written(text: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "scalesim-")), "table.csv");
  await writeFile(path, text);
  return path;
}

/** The first rows with one cell replaced. */
async function tableWith(line: number, column: string, value: string, rows = 5): Promise<string> {
  const [header = "", ...body] = await lines();
  const changed = body.slice(0, rows).map((text, index) => {
    const cells = text.split(",");
    if (index + 2 === line) cells[header.split(",").indexOf(column)] = value;
    return cells.join(",");
  });
  return written([header, ...changed].join("\n"));
}

describe("validate scalesim", () => {
  it("finds every figure of 220 measured runs", async () => {
    const result = await validate("SCALESIM", TABLE);

    expect(result.misses).toEqual([]);
    expect(result).toMatchObject({ kind: "scalesim", rows: 220, compared: 220, matched: 220 });
    // 37 of the 220 rows are USER rows, 17 of the others sparse.
    expect(result.columns.total_cycles).toMatchObject({ compared: 220, matched: 220, tolerance: 0 });
    expect(result.columns.overall_util_pct).toMatchObject({ compared: 183, matched: 183, tolerance: 1e-9 });
    expect(result.columns.sparse_metadata_storage).toMatchObject({ compared: 17, matched: 17 });
    expect(result.excluded.map(({ rows }) => rows)).toEqual([220, 37]);
    expect(result.excluded[0]!.rule).toContain("dram_ofmap_writes");
  });

  it("reports a figure that differs, and passes it within a wider tolerance", async () => {
    // Line 3 is AlexNet's third convolution, 7,673 cycles.
    const path = await tableWith(3, "total_cycles", "7680");

    const strict = await validate("scalesim", path);
    const wide = await validate("scalesim", path, { tolerance: 0.01 });

    expect(strict).toMatchObject({ rows: 5, compared: 5, matched: 4 });
    expect(strict.misses).toEqual([
      { case: "line 3: alexnet/Conv3 128x128 os CALC", column: "total_cycles", expected: 7680, got: 7673 },
    ]);
    expect(wide).toMatchObject({ matched: 5, columns: { total_cycles: { tolerance: 0.01 } } });
  });

  it.each([
    ["dataflow", "rs"],
    ["sparsity", "columns"],
    ["array_rows", "100000"],
  ])("counts a row whose %s it cannot run as a miss", async (column, value) => {
    const result = await validate("scalesim", await tableWith(2, column, value));

    expect(result).toMatchObject({ rows: 5, compared: 5, matched: 4 });
    expect(result.misses).toHaveLength(1);
    expect(result.misses[0]).toMatchObject({ column: "*" });
    expect(result.misses[0]!.got).toContain(column);
  });

  it.each([
    ["K", "abc", "abc"],
    ["K", "0", "0"],
    ["array_cols", "3.5", "3.5"],
    ["mapping_eff_pct", "", "an empty cell"],
    ["sram_filter_reads", "1e", "1e"],
  ])("names file, line and column of a malformed %s", async (column, value, shown) => {
    const path = await tableWith(4, column, value);

    await expect(validate("scalesim", path)).rejects.toThrow(TraceError);
    await expect(validate("scalesim", path)).rejects.toThrow(`${path}:4 column ${column}\n  got: ${shown}`);
  });

  it("names every column that is missing", async () => {
    const [header = "", first = ""] = await lines();
    const path = await written([header.replace("array_cols", "cols").replace(",K,", ",L,"), first].join("\n"));

    await expect(validate("scalesim", path)).rejects.toThrow(/column K[\s\S]*column array_cols/);
  });

  it("refuses a row with too few cells", async () => {
    const [header, first, second = ""] = await lines();
    const path = await written([header, first, second.split(",").slice(0, 9).join(",")].join("\n"));

    await expect(validate("scalesim", path)).rejects.toThrow(/:3 column[\s\S]*9 cells/);
  });

  it.each([
    ["", "an empty file"],
    ["a,b\n", "a header without rows"],
  ])("refuses the table %j", async (text, got) => {
    const path = await written(text);

    await expect(validate("scalesim", path)).rejects.toThrow(got);
  });

  it("refuses a directory and a missing file", async () => {
    await expect(validate("scalesim", tmpdir())).rejects.toThrow(/a directory/);
    await expect(validate("scalesim", join(tmpdir(), "no-such-table.csv"))).rejects.toThrow(/ENOENT/);
  });

  it("suggests the kind that was meant", async () => {
    await expect(validate("scalsim", TABLE)).rejects.toThrow(ConfigError);
    await expect(validate("scalsim", TABLE)).rejects.toThrow(/did you mean 'scalesim'/);
  });
});
