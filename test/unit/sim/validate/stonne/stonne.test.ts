/** The adapter for STONNE's tables: its random numbers, its tree, its queue, and what it says of tables that are not as they should be. */
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TraceError } from "../../../../../sim/core/errors.js";
import { validate } from "../../../../../sim/validate/index.js";
import { BusLines, sumOfRow } from "../../../../../sim/validate/stonne/augmented-tree.js";
import { LibcRand } from "../../../../../sim/validate/stonne/libc-rand.js";
import { drawOperands, filledUp, lengthsOf } from "../../../../../sim/validate/stonne/sparse-operands.js";
import { lastRetired, throughLine } from "../../../../../sim/validate/stonne/write-back.js";

const TABLE = new URL("../../../../fixtures/stonne.csv", import.meta.url);

describe("the C library's rand()", () => {
  it("starts with the values that everybody knows", () => {
    const random = new LibcRand();

    const drawn = Array.from({ length: 5 }, () => random.next());

    expect(drawn).toEqual([1804289383, 846930886, 1681692777, 1714636915, 1957747793]);
  });
});

describe("operands", () => {
  it("are zero where a draw mod 100 is at most the sparsity, and take a second draw where not", () => {
    // 1804289383 % 100 = 83 > 50, value drawn; 1681692777 % 100 = 77 > 50, value drawn; 1957747793 % 100 = 93 > 50, value drawn.
    const { mk } = drawOperands({ M: 1, N: 1, K: 3, mkSparsity: 50, knSparsity: 0 });
    expect([...mk.places]).toEqual([0, 1, 2]);

    // 83 <= 83: zero, no second draw; 846930886 % 100 = 86 > 83, value drawn; 1714636915 % 100 = 15 <= 83: zero.
    const { mk: sparser } = drawOperands({ M: 1, N: 1, K: 3, mkSparsity: 83, knSparsity: 0 });
    expect([...sparser.places]).toEqual([1]);
  });

  it("are filled up to three non-zeros from the first place on, or to the whole vector", () => {
    const rows = { places: Int32Array.from([1, 4, 0, 1, 2, 3]), starts: Int32Array.from([0, 2, 2, 6]) };

    const filled = filledUp(rows, 6);

    expect([...filled.places]).toEqual([0, 1, 4, 0, 1, 2, 0, 1, 2, 3]);
    expect(lengthsOf(filled)).toEqual([3, 3, 4]);
    expect(lengthsOf(filledUp({ places: new Int32Array(0), starts: new Int32Array(2) }, 2))).toEqual([2]);
  });
});

describe("the augmented tree", () => {
  it("adds a power of two that lies well level by level", () => {
    const { delays, additions, levels, adder } = sumOfRow(8, 8);

    expect([...delays]).toEqual(new Array(8).fill(3));
    expect({ additions, levels, adder }).toEqual({ additions: 7, levels: 3, adder: 1 });
  });

  it("adds three terms over a link: multipliers 3, 4 and 5 by adders 1 and 2, of which the one with less sends", () => {
    const { delays, additions, levels, adder } = sumOfRow(3, 3);

    // Adder 1 has multiplier 3 only; it sends to adder 2, which waits a cycle and adds three.
    expect([...delays]).toEqual([2, 1, 1]);
    expect({ additions, levels, adder }).toEqual({ additions: 1, levels: 1, adder: 2 });
  });

  it("takes a level more where no link helps: multipliers 0, 1 and 2 under adders 0 and 1, which have a parent in common", () => {
    expect(sumOfRow(0, 3)).toMatchObject({ additions: 2, levels: 2, adder: 0 });
  });

  it("gives adders with a link one line, and deals out the others behind them", () => {
    // 8 multipliers: adders 1 and 2 of the lowest level have the only link; then root, both of the middle, 0 and 3 of the lowest.
    const lines = new BusLines(8, 4);
    const lineOf = (first: number, slots: number): number => lines.lineOf(sumOfRow(first, slots));

    expect([lineOf(2, 2), lineOf(4, 2)]).toEqual([0, 0]);
    // 2 are linked, so the first of the others has line 2: root 2, middle 3 and 0, lowest 1 and 2.
    expect([lineOf(0, 8), lineOf(0, 4), lineOf(4, 4), lineOf(0, 2), lineOf(6, 2)]).toEqual([2, 3, 0, 1, 2]);
  });
});

describe("the write queue", () => {
  it("retires half of what waits, rounded up, each cycle", () => {
    // 5 in cycle 0: 3 go, 2 left; 1 goes, 1 left; 1 goes in cycle 2.
    expect(lastRetired(Float64Array.from([0, 0, 0, 0, 0]))).toBe(2);
    expect(lastRetired(Float64Array.from([7]))).toBe(7);
    expect(lastRetired(Float64Array.from([0, 0, 9]))).toBe(9);
  });

  it("is behind lines that take a word a cycle", () => {
    expect([...throughLine(Float64Array.from([5, 1, 1, 2, 9]))]).toEqual([1, 2, 3, 5, 9]);
  });
});

describe("a table that is not as it should be", () => {
  const lines = async (): Promise<string[]> => (await readFile(TABLE, "utf8")).trimEnd().split("\n");
  const write = async (text: string): Promise<string> => {
    const path = join(await mkdtemp(join(tmpdir(), "stonne-")), "table.csv");
    await writeFile(path, text);
    return path;
  };
  /** One row of a group with one cell changed. */
  const changed = async (group: string, column: string, value: string): Promise<string> => {
    const [header = "", ...rows] = await lines();
    const cells = rows.find((row) => row.split(",")[1] === group)!.split(",");
    cells[header.split(",").indexOf(column)] = value;
    return write(`${header}\n${cells.join(",")}\n`);
  };

  it.each([
    ["os_mesh", "M", "x"],
    ["os_mesh", "M", ""],
    ["os_mesh", "K", "0"],
    ["os_mesh", "cycles", "-1"],
    ["os_mesh", "group", "tpu"],
    ["flex_dense", "T_K", "1.5"],
    ["flex_dense", "reduce", "tree"],
    ["flex_dense", "acc_buffer", "2"],
    ["flex_conv", "G", "99"],
    ["flex_conv", "R", "99"],
    ["sparse_bitmap", "stationary", "NM"],
    ["sparse_bitmap", "reorder", "yes"],
    ["sparse_bitmap", "mk_row_nnz", "1;;2"],
    ["sparse_dense", "mk_sparsity_arg", "1e400"],
  ])("names a %s row's cell %s of '%s'", async (group, column, value) => {
    const path = await changed(group, column, value);

    await expect(validate("stonne", path)).rejects.toThrow(TraceError);
    await expect(validate("stonne", path)).rejects.toThrow(new RegExp(`:2 column "?'?${column}`));
  });

  it.each([
    ["os_mesh", "M", "100000000"],
    ["os_mesh", "ms_rows", "100000"],
    ["os_mesh", "T_M", "5"],
    ["os_mesh", "rn_bw", "999999999"],
    ["flex_dense", "T_K", "1000000"],
    ["flex_conv", "T_C", "1000000000"],
    ["sparse_bitmap", "K", "1000000000"],
    ["sparse_bitmap", "num_ms", "1000000000"],
    ["sparse_bitmap", "num_ms", "48"],
    ["sparse_bitmap", "dn_bw", "63"],
    ["sparse_bitmap", "rn_bw", "1000000000"],
    ["sparse_dense", "N", "9007199254740991"],
  ])("counts a %s row with a %s of %s as a miss, with the reason", async (group, column, value) => {
    const result = await validate("stonne", await changed(group, column, value));

    expect(result).toMatchObject({ rows: 1, compared: 1, matched: 0 });
    expect(result.misses).toMatchObject([{ column: "*", expected: "a run" }]);
  });

  it.each([
    ["os_mesh", "reduce", "art"],
    ["sparse_bitmap", "reduce", "fen"],
    ["sparse_bitmap", "acc_buffer", "1"],
    ["sparse_bitmap", "K", "2"],
    ["flex_dense", "acc_buffer", "0"],
    ["flex_conv", "acc_buffer", "0"],
    ["sparse_dense", "acc_buffer", "0"],
    ["sparse_dense", "reduce", "fen"],
  ])("leaves a %s row with a %s of %s out, by name", async (group, column, value) => {
    const result = await validate("stonne", await changed(group, column, value));

    expect(result).toMatchObject({ rows: 1, compared: 0, matched: 0, misses: [] });
    expect(result.excluded).toMatchObject([{ rule: expect.stringMatching(/no known rule/), rows: 1 }]);
  });

  it("leaves a reordered row out whose vectors, once filled up to three, are longer than the multipliers", async () => {
    const [header = "", ...rows] = await lines();
    const cells = rows.find((row) => row.startsWith("stn219,"))!.split(",");
    for (const [column, value] of Object.entries({ num_ms: "2", dn_bw: "1", mk_sparsity_arg: "100" })) {
      cells[header.split(",").indexOf(column)] = value;
    }

    const result = await validate("stonne", await write(`${header}\n${cells.join(",")}\n`));

    expect(result.excluded).toMatchObject([{ rule: expect.stringMatching(/reorder 1 .* no known rule/), rows: 1 }]);
  });

  it("misses a cell that is off by one, and tells it", async () => {
    const result = await validate("stonne", await changed("sparse_bitmap", "cycles", "710"));

    expect(result.misses).toEqual([
      { case: "line 2: stn181 sparse_bitmap", column: "cycles", expected: 710, got: 709 },
    ]);
  });

  it("names a missing column, an empty file and a header without rows", async () => {
    const [header = "", first = ""] = await lines();

    await expect(validate("stonne", await write(`${header.replace("cycles", "time")}\n${first}\n`))).rejects.toThrow(
      /cycles/,
    );
    await expect(validate("stonne", await write(""))).rejects.toThrow(/an empty file/);
    await expect(validate("stonne", await write(`${header}\n`))).rejects.toThrow(/header without rows/);
    await expect(validate("stonne", await write(`${header}\n${first},7\n`))).rejects.toThrow(/cells/);
  });
});
