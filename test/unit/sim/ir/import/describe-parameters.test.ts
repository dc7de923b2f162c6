import { describe, expect, it } from "vitest";
import { z } from "zod";
import { choice, count } from "../../../../../sim/core/params.js";
import { describeParameters } from "../../../../../sim/ir/import/describe-parameters.js";

describe("describeParameters", () => {
  it("says what each field accepts, and its default only when it has one", () => {
    const table = z.strictObject({
      n: count(1, 16, { description: "Values kept", source: "a paper" }),
      order: choice(["rows", "columns"], { description: "Order of storing", source: "a book" }).default("rows"),
    });

    expect(describeParameters(table)).toEqual([
      { name: "n", accepts: "a whole number from 1 to 16", description: "Values kept", source: "a paper" },
      {
        name: "order",
        accepts: "one of rows, columns",
        byDefault: "rows",
        description: "Order of storing",
        source: "a book",
      },
    ]);
  });

  it("tells what may be left out from what must be given", () => {
    const table = z.strictObject({ bits: count(2, 8, { description: "Bits", source: "a paper" }).optional() });

    expect(describeParameters(table)).toEqual([
      { name: "bits", accepts: "a whole number from 2 to 8", description: "Bits", source: "a paper", isOptional: true },
    ]);
  });

  it("reads through a rule over several fields, and finds nothing in an empty table", () => {
    const pair = z
      .strictObject({ n: count(1, 4, { description: "", source: "" }) })
      .refine(({ n }) => n > 1, { message: "too few" });

    expect(describeParameters(pair).map(({ name }) => name)).toEqual(["n"]);
    expect(describeParameters(z.strictObject({}))).toEqual([]);
  });
});
