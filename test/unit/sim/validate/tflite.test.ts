import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ConfigError, TraceError } from "../../../../sim/core/errors.js";
import { validate } from "../../../../sim/validate/index.js";
import { seededCodes } from "../../../../sim/validate/tflite/tflite-golden.js";
import { codes, tfliteBytes } from "../../../helpers/tflite-models.js";

/** The first bytes of seed 1, worked out by hand from the states 270369, 67634689, 2647435461, ... */
const SEED_1 = [0, 4, -99, 18, -114, 44, 37, 25, 119, -83, -98, 89, -76, 4, 5, -55];

const checksum = (values: readonly number[]) =>
  crc32(new Uint8Array(Int8Array.from(values).buffer))
    .toString(16)
    .padStart(8, "0");

/** y = relu(x) of codes with zero point 10: nothing below 10. */
const RELU = tfliteBytes({
  tensors: [codes("x", [1, 16], 0.5, 10), codes("y", [1, 16], 0.5, 10)],
  operators: [{ code: 19, inputs: [0], outputs: [1] }],
  inputs: [0],
  outputs: [1],
});
const OUTPUT = SEED_1.map((code) => Math.max(code, 10));

const OPERATOR = {
  ...{ index: 0, op: "RELU", count: 16, runtimeCrc32: checksum(OUTPUT), doubleRoundingCrc32: checksum(OUTPUT) },
  ...{ sum: OUTPUT.reduce((a, b) => a + b), min: 10, max: 119, first8: OUTPUT.slice(0, 8) },
};
const CASE = {
  ...{ model: "relu", file: "relu.tflite", seed: 1, inputBytes: 16, inputCrc32: checksum(SEED_1) },
  ...{ inputFirst8: SEED_1.slice(0, 8), output: OUTPUT, ops: [OPERATOR] },
};

/** A folder with the model and a file of cases; the path of the cases. */
function golden(cases: readonly object[] | string, models = "."): string {
  const folder = mkdtempSync(join(tmpdir(), "pj-tflite-"));
  mkdirSync(join(folder, models), { recursive: true });
  writeFileSync(join(folder, models, "relu.tflite"), RELU);
  const path = join(folder, "golden.json");
  writeFileSync(path, typeof cases === "string" ? cases : JSON.stringify({ cases }));
  return path;
}

describe("seeded codes", () => {
  it("are the upper bytes of xorshift states, signed", () => {
    expect([...seededCodes(1, 16)]).toEqual(SEED_1);
    expect(checksum([...seededCodes(1, 490)])).toBe("60ccd6fe");
  });
});

describe("validation of TFLite models", () => {
  it("matches when every field of a case and its operators does", async () => {
    const result = await validate("tflite", golden([CASE]));

    expect(result).toMatchObject({ rows: 1, compared: 1, matched: 1, misses: [], excluded: [] });
    expect(result.columns).toMatchObject({
      runtimeCrc32: { compared: 1, matched: 1 },
      output: { compared: 1, matched: 1 },
    });
  });

  it("names the operator of a wrong checksum, whatever the tolerance", async () => {
    const wrong = { ...CASE, ops: [{ ...OPERATOR, runtimeCrc32: "00000000" }] };
    const result = await validate("tflite", golden([wrong]), { tolerance: 5 });

    expect(result.matched).toBe(0);
    expect(result.misses).toEqual([
      {
        case: "relu seed 1, operator 0 (RELU)",
        column: "runtimeCrc32",
        expected: "00000000",
        got: checksum(OUTPUT),
      },
    ]);
  });

  it("misses operators that the model has not, and other operators than stated", async () => {
    const result = await validate(
      "tflite",
      golden([
        {
          ...CASE,
          ops: [
            { ...OPERATOR, op: "RELU6" },
            { ...OPERATOR, index: 1 },
          ],
        },
      ]),
    );

    const missed = result.misses.map(({ case: place, column }) => `${place}: ${column}`);
    expect(missed).toContain("relu seed 1: ops");
    expect(missed).toContain("relu seed 1, operator 0 (RELU6): op");
    expect(missed).toContain("relu seed 1, operator 1 (RELU): count");
  });

  it("counts a model that is not there, or cannot be read, as a miss", async () => {
    const result = await validate("tflite", golden([CASE, { ...CASE, file: "other.tflite" }]));

    expect(result).toMatchObject({ rows: 2, compared: 2, matched: 1 });
    expect(result.misses[0]).toMatchObject({ case: "relu seed 1", column: "*" });
    expect(result.misses[0]!.got).toContain("no such file");
  });

  it("finds the models in a folder of their own", async () => {
    const path = golden([CASE], "models");

    expect((await validate("tflite", path)).matched).toBe(0);
    expect((await validate("tflite", path, { models: join(path, "../models") })).matched).toBe(1);
  });

  it("refuses a folder of models that is none", async () => {
    const path = golden([CASE]);

    await expect(validate("tflite", path, { models: `${path}/none` })).rejects.toThrow(/--models\n {2}got: no folder/);
    await expect(validate("tflite", path, { models: path })).rejects.toThrow(TraceError);
  });

  it("names fields that it does not know as left out", async () => {
    const result = await validate("tflite", golden([{ ...CASE, mood: 1, ops: [{ ...OPERATOR, colour: 2 }] }]));

    expect(result.excluded.map(({ rule }) => rule)).toEqual(["field mood is not known", "field colour is not known"]);
    expect(result.matched).toBe(1);
  });

  it("refuses files of another layout, and models for tables that name none", async () => {
    await expect(validate("tflite", golden("{"))).rejects.toThrow(TraceError);
    await expect(validate("tflite", golden([{ ...CASE, seed: 0 }]))).rejects.toThrow(/cases\.0\.seed/);
    await expect(validate("tflite", golden([{ ...CASE, file: "../relu.tflite" }]))).rejects.toThrow(/cases\.0\.file/);
    await expect(validate("tflite", "nowhere.json")).rejects.toThrow(/no such file/);
    await expect(validate("scalesim", "x.csv", { models: "models" })).rejects.toThrow(ConfigError);
  });
});
