import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TraceError } from "../../../../sim/core/errors.js";
import { validate } from "../../../../sim/validate/index.js";

const OPTIONS = {
  ...{ decompose_iternum: 1, decompose_tol: 1e-10, decompose_rcond: 1e-10, decompose_decay: 0.5 },
  ...{ init_method: "trivial", max_C: 32, decompose_threshold: 0.01, decompose_scale: false, threshold_row: false },
};

/** Without a pass, 3 and 5 become 2 and 4: B = 26 / 20, and A - Ce B is (0.4, -0.2, 0). */
const CASE = {
  ...{ id: "hand", rows: 3, cols: 1, dist: "hand", std: 1, options: OPTIONS, A: [[3], [5], [0]] },
  ...{ Ce: [[2], [4], [0]], B: [[1.3]], updates: 0, err_hist: [], nnz_hist: [], nnz: 2, zero_rows: 1 },
  ...{ min_exp: 1, max_exp: 2, final_err: Math.sqrt(0.2), rel_err: Math.sqrt(0.2 / 34) },
};

function golden(cases: readonly object[] | string): string {
  const path = join(mkdtempSync(join(tmpdir(), "pj-smartdeal-")), "golden.json");
  writeFileSync(path, typeof cases === "string" ? cases : JSON.stringify({ schema: "smartdeal-golden/1", cases }));
  return path;
}

describe("validation of SmartDeal decompositions", () => {
  it("matches when every field of a case does", async () => {
    const result = await validate("smartdeal", golden([CASE]));

    expect(result).toMatchObject({ rows: 1, compared: 1, matched: 1, misses: [], excluded: [] });
    expect(Object.keys(result.columns).sort()).toEqual([
      "B",
      "Ce",
      "err_hist",
      "final_err",
      "max_exp",
      "min_exp",
      "nnz",
      "nnz_hist",
      "rel_err",
      "updates",
      "zero_rows",
    ]);
  });

  it.each([
    ["Ce", [[2], [4.000001], [0]]],
    ["B", [[1.3 * (1 + 2e-9)]]],
    ["updates", 1],
    ["err_hist", [0.1]],
    ["nnz_hist", [2]],
    ["final_err", Math.sqrt(0.2) * (1 + 2e-9)],
    ["rel_err", 0.08],
    ["nnz", 3],
    ["zero_rows", 0],
    ["min_exp", 0],
    ["max_exp", 3],
  ])("names %s when it differs", async (field, value) => {
    const { misses } = await validate("smartdeal", golden([{ ...CASE, [field]: value }]));

    expect(misses.map(({ case: name, column }) => [name, column])).toEqual([["hand", field]]);
  });

  it("takes what cancellation leaves relative to what cancelled", async () => {
    // 2 and 4 are their own coefficients: an error of 1e-16 is as good as none.
    const exact = { ...CASE, A: [[2], [4], [0]], B: [[1]], final_err: 1e-16, rel_err: 1e-17 };

    expect((await validate("smartdeal", golden([exact]))).misses).toEqual([]);
    expect((await validate("smartdeal", golden([{ ...exact, final_err: 1e-11 }]))).misses).toHaveLength(1);
  });

  it("compares the fields that are there, and names those it does not know", async () => {
    const { id, rows, cols, options, A } = CASE;
    const result = await validate(
      "smartdeal",
      golden([{ id, rows, cols, options, A, Ce: CASE.Ce, mood: 1, min_exp: null }]),
    );

    expect(Object.keys(result.columns)).toEqual(["Ce"]);
    expect(result.excluded).toEqual([{ rule: "field mood is not known", rows: 1 }]);
  });

  it("counts cases that it cannot run as misses", async () => {
    const cases = [
      { ...CASE, id: "fat", rows: 1, cols: 3, A: [[1, 2, 3]] },
      { ...CASE, id: "ragged", A: [[3], [5], [0, 1]] },
      { ...CASE, id: "start", options: { ...OPTIONS, init_method: "ksvd" } },
      { ...CASE, id: "option", options: { ...OPTIONS, momentum: 0.9 } },
    ];
    const { compared, matched, misses } = await validate("smartdeal", golden(cases));

    expect([compared, matched]).toEqual([4, 0]);
    expect(misses.map(({ case: name, column }) => `${name} ${column}`)).toEqual([
      "fat *",
      "ragged *",
      "start *",
      "option *",
    ]);
    expect(misses[3]!.got).toContain("option momentum: 0.9");
  });

  it("refuses files of another layout", async () => {
    await expect(validate("smartdeal", golden("{"))).rejects.toThrow(/not JSON/);
    await expect(validate("smartdeal", golden([]))).rejects.toThrow(TraceError);
    await expect(validate("smartdeal", golden([{ ...CASE, A: [["3"]] }]))).rejects.toThrow(/cases\.0\.A\.0\.0/);
    await expect(validate("smartdeal", golden([{ ...CASE, cols: 0 }]))).rejects.toThrow(/cases\.0\.cols/);
    const endless = { ...OPTIONS, decompose_decay: 1 };
    await expect(validate("smartdeal", golden([{ ...CASE, options: endless }]))).rejects.toThrow(/decompose_decay/);
    await expect(validate("smartdeal", "nowhere.json")).rejects.toThrow(/no such file/);
  });
});
