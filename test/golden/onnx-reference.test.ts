/**
 * The reference kernels on models with known outputs: small models run by onnxruntime (a copy in fixtures; integers bit for bit,
 * floats within the tolerance that the set states), and the operator tests of the ONNX standard where the references are. What is
 * pinned are outputs of others, never our own; a new set is copied as it is.
 */
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { validate } from "../../sim/validate/index.js";
import { referencePath } from "../helpers/references.js";

const CONFORMANCE = fileURLToPath(new URL("../fixtures/onnx-conformance", import.meta.url));
const STANDARD = referencePath("onnx-node-tests");

if (STANDARD === undefined)
  console.log("skipped: the operator tests of the standard are not there, see PICOJOULE_REFERENCES");

describe("reference kernels", () => {
  it("give the outputs of every conformance case", async () => {
    const result = await validate("onnx", CONFORMANCE);

    expect(result.misses).toEqual([]);
    expect(result).toMatchObject({ kind: "onnx", rows: 97, compared: 97, matched: 97, excluded: [] });
    expect(result.columns.outputs).toMatchObject({ compared: 97, matched: 97 });
    // The two cases that rest on 32-bit sums that wrap.
    expect(result.columns["beyond the standard"]).toMatchObject({ compared: 2, matched: 2 });
  });

  it.skipIf(STANDARD === undefined)("give the outputs of every operator test of the standard", async () => {
    const result = await validate("onnx", STANDARD!);

    expect(result.misses).toEqual([]);
    expect(result.excluded).toEqual([]);
    expect(result.matched).toBe(result.rows);
    expect(result.rows).toBeGreaterThanOrEqual(460);
  });
});
