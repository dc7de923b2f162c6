/**
 * Design files of any content: they end soon, in a design or in an error that is the user's; and an override means what the
 * same value means in the file.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { designTable } from "../../hw-models/design.js";
import { ConfigError } from "../../sim/core/errors.js";
import { DesignFiles, TEST_PRESETS } from "../helpers/design-files.js";
import { onSystolicArray } from "../helpers/test-design.js";

/** No file of a few kilobytes may take longer. */
const CASE_LIMIT_MS = 2_000;
const RUNS = { numRuns: 300 };

let files: DesignFiles;
beforeAll(() => {
  files = new DesignFiles();
});
afterAll(() => files.remove());

/** Reads a file; whatever it holds, the outcome is a frozen, valid design, or complaints of four parts each. */
async function outcomeOf(
  content: string | Uint8Array,
  set: readonly string[] = [],
): Promise<{ readonly accepted: boolean }> {
  files.write("design.yaml", content);
  const start = performance.now();
  try {
    const design = await files.readAgain(set);
    expect(designTable.safeParse(design).success).toBe(true);
    expect(Object.isFrozen(design)).toBe(true);
    return { accepted: true };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.issues.length).toBeGreaterThan(0);
    for (const { where, got, want, fix } of error.issues) {
      for (const part of [where, got, want, fix]) expect(part.trim()).not.toBe("");
      expect(where).toMatch(/:\d+:\d+( |$)|^--set( |$)|^preset grid-|^design$/);
    }
    return { accepted: false };
  } finally {
    expect(performance.now() - start).toBeLessThan(CASE_LIMIT_MS);
    expect(Object.keys(Object.prototype)).toEqual([]);
  }
}

const SOUND = [
  "schema: picojoule/design@1\nextends: grid-ws\nclockHz: 700 MHz\npeArray:\n  rows: 16\n  dataflow: ws\n",
  "extends: grid-os\nbuffers: &b\n  ifmap: &a {capacityBytes: 64 KiB, banks: 4}\n  weight: *a\n",
  "extends: grid-os\ntechnology:\n  operatingPoints:\n    - {name: low, clockHz: 1, supplyVolts: 0.5 V}\n    - name: high\n      clockHz: 2\n      supplyVolts: 1\n",
  stringify(TEST_PRESETS["grid-ws"].design),
  JSON.stringify(TEST_PRESETS["grid-os"].design, null, 2),
];

const FRAGMENTS = [
  ..."{}[]:,-?&*!|>'\"%@`#~\n\t ",
  ": ",
  "- ",
  "<<: *a",
  "&a ",
  "*a",
  "*b",
  "---\n",
  "...\n",
  "%YAML 1.1\n",
  "!!set ",
  "!!binary x",
  "__proto__: ",
  "constructor: ",
  "extends: design.yaml\n",
  "extends: grid-os\n",
  "null",
  ".nan",
  "-.inf",
  "1e999",
  "0x1F",
  "-1",
  "9007199254740993",
  "2001-01-01",
  "64 KiB",
  "peArray: ",
  "dataflow: os",
  "technology: ",
  "operatingPoints: ",
  "\u0000",
  "\ufeff",
  "\u2028",
  "\ud800",
];

/** A sound file with pieces cut, doubled and put in. */
const mutated = fc
  .tuple(
    fc.constantFrom(...SOUND),
    fc.array(
      fc.record({
        at: fc.nat(2000),
        cut: fc.nat({ max: 12 }),
        repeat: fc.integer({ min: 1, max: 3 }),
        put: fc.constantFrom("", ...FRAGMENTS),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([text, edits]) => {
    let result = text;
    for (const { at, cut, repeat, put } of edits) {
      const start = at % (result.length + 1);
      result = result.slice(0, start) + put.repeat(repeat) + result.slice(start + cut);
    }
    return result;
  });

describe("a design file of any content", () => {
  it("is sound to begin with", async () => {
    for (const text of SOUND) expect(await outcomeOf(text)).toEqual({ accepted: true });
  });

  it("ends well when a sound file is damaged, and damage does not always show", async () => {
    const outcomes = new Set<boolean>();

    await fc.assert(
      fc.asyncProperty(mutated, async (text) => {
        outcomes.add((await outcomeOf(text)).accepted);
      }),
      RUNS,
    );

    expect([...outcomes].toSorted()).toEqual([false, true]);
  });

  it("ends well when it is made of pieces of YAML", async () => {
    const pieces = fc.array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ maxLength: 6 })), { maxLength: 40 });

    await fc.assert(
      fc.asyncProperty(pieces, async (parts) => {
        await outcomeOf(parts.join(""));
      }),
      RUNS,
    );
  });

  it("ends well when it is bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        await outcomeOf(bytes);
      }),
      RUNS,
    );
  });

  it("ends well when its values are any data", async () => {
    const section = fc.constantFrom(...Object.keys(TEST_PRESETS["grid-ws"].design), "extends");
    const data = fc.dictionary(section, fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom("grid-os", "grid-ws")));

    await fc.assert(
      fc.asyncProperty(data, async (design) => {
        await outcomeOf(JSON.stringify({ extends: "grid-os", ...design }));
      }),
      RUNS,
    );
  });

  it("ends well when an override is any text", async () => {
    const path = fc.constantFrom(
      "clockHz",
      "peArray",
      "peArray.rows",
      "peArray.dataflow",
      "energy.overrides.x",
      "a.b.c",
    );
    const piece = fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ maxLength: 8 }));
    const text = fc.tuple(path, fc.array(piece, { maxLength: 6 })).map(([key, value]) => `${key}=${value.join("")}`);

    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(text, fc.string()), { minLength: 1, maxLength: 3 }), async (set) => {
        await outcomeOf(SOUND[0]!, set);
      }),
      RUNS,
    );
  });
});

/** A parameter and a value that suits it, as written in YAML. */
const setting = fc.oneof(
  fc.tuple(fc.constantFrom("peArray.rows", "peArray.cols"), fc.integer({ min: 1, max: 4096 }).map(String)),
  fc.tuple(
    fc.constantFrom("clockHz", "dram.clockHz"),
    fc.integer({ min: 1, max: 9999 }).map((count) => `${count} MHz`),
  ),
  fc.tuple(fc.constant("technology.supplyVolts"), fc.double({ min: 0.1, max: 5, noNaN: true }).map(String)),
  fc.tuple(
    fc.constant("buffers.ifmap.capacityBytes"),
    fc.integer({ min: 1, max: 4096 }).map((count) => `${count} KiB`),
  ),
  fc.tuple(fc.constant("arithmetic.overflow"), fc.constantFrom("wrap", "saturate", "error")),
  fc.tuple(fc.constant("peArray.dataflow"), fc.constantFrom("os", "ws", "is")),
  fc.tuple(
    fc.constant("name"),
    fc.string({ minLength: 1, maxLength: 20 }).map((text) => JSON.stringify(text)),
  ),
  fc.tuple(
    fc.constant("buffers.weight"),
    fc.integer({ min: 1, max: 64 }).map((banks) => `{banks: ${banks}, ports: 1}`),
  ),
);

describe("an override", () => {
  it("means what the value means in a file that extends the same", async () => {
    await fc.assert(
      fc.asyncProperty(setting, async ([path, value]) => {
        const keys = path.split(".");
        const written = `${keys.map((key, depth) => `${"  ".repeat(depth)}${key}:`).join("\n")} ${value}\n`;

        const inFile = await files.read(`extends: grid-ws\n${written}`);
        const asOverride = await files.read("extends: grid-ws\n", [`${path}=${value}`]);

        expect(asOverride).toEqual(inFile);
      }),
      RUNS,
    );
  });

  it("wins over the file, and the last over those before", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4096 }), { minLength: 1, maxLength: 5 }), async (rows) => {
        const design = await files.read(
          "extends: grid-os\npeArray: {rows: 7}\n",
          rows.map((row) => `peArray.rows=${row}`),
        );

        expect(onSystolicArray(design).peArray.rows).toBe(rows.at(-1));
      }),
      { numRuns: 50 },
    );
  });
});
