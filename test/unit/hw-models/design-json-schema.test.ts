/** An editor that follows the JSON Schema accepts what the loader accepts, and marks what it refuses. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { designJsonSchema } from "../../../hw-models/design-json-schema.js";
import { PRESETS } from "../../../hw-models/presets/index.js";
import { ConfigError } from "../../../sim/core/errors.js";
import { loadDesign } from "../../../sim/run/load-design.js";

const schema = z.fromJSONSchema(designJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
const folder = mkdtempSync(join(tmpdir(), "pj-schema-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function loads(data: unknown): Promise<boolean> {
  const path = join(folder, "design.json");
  writeFileSync(path, JSON.stringify(data));
  try {
    await loadDesign(path);
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

const WS = PRESETS["systolic-8x8-ws"]!.design;
const ROW = { capacityBytes: "64 KiB", banks: 16, ports: 2, widthBytes: 16, doubleBuffered: true };

const ACCEPTED: Readonly<Record<string, object>> = {
  "nothing but what it extends": { extends: "tpu-like" },
  "one key of a choice of tables": { extends: "tpu-like", peArray: { rows: 16 } },
  "another dataflow": { extends: "tpu-like", peArray: { dataflow: "os" } },
  "a key that only some dataflows have": { extends: "tpu-like", peArray: { accumulatorRows: 64 } },
  "a clock with its unit": { extends: "tpu-like", clockHz: "700 MHz" },
  "a node with its unit": { extends: "tpu-like", technology: { nodeNm: "45 nm" } },
  "a capacity with its unit": { extends: "tpu-like", buffers: { ifmap: { capacityBytes: "64 KiB" } } },
  "null for what is optional": { extends: "tpu-like", peArray: { accumulatorRows: null } },
  "null for a dataflow's option": { extends: "tpu-like", peArray: { dataflow: "ws", accumulatorRows: null } },
  "null for a list with a default": { extends: "tpu-like", technology: { operatingPoints: null } },
  "an energy of its own": { extends: "eyeriss", energy: { overrides: { mac: { energyPj: "2 pJ", source: "lab" } } } },
  "a whole design": WS,
  "a whole design with units": { ...WS, clockHz: "1 GHz", buffers: { ...WS.buffers, ifmap: ROW } },
};

const REFUSED: Readonly<Record<string, object>> = {
  "a design that extends nothing and is not whole": { clockHz: 1e9 },
  "a whole design without a section": { ...WS, dram: undefined },
  "an unknown key": { extends: "tpu-like", clockMhz: 700 },
  "an unknown key of a choice of tables": { extends: "tpu-like", peArray: { rowz: 16 } },
  "an unknown dataflow": { extends: "tpu-like", peArray: { dataflow: "rs" } },
  "a key of another dataflow": { extends: "tpu-like", peArray: { dataflow: "os", weightPreload: "shadow" } },
  "a unit of another dimension": { extends: "tpu-like", clockHz: "64 KiB" },
  "a unit on a count": { extends: "tpu-like", peArray: { rows: "16 rows" } },
  "a number out of range": { extends: "tpu-like", peArray: { rows: 0 } },
  "a fraction of a row": { extends: "tpu-like", peArray: { rows: 2.5 } },
  "a node that is not among them": { extends: "tpu-like", technology: { nodeNm: 28 } },
  "null for a whole section": { extends: "tpu-like", dram: null },
  "null for what every dataflow needs": { extends: "tpu-like", peArray: { activationBits: null } },
  "an operating point with a part missing": {
    extends: "tpu-like",
    technology: { operatingPoints: [{ name: "low", clockHz: 1e8 }] },
  },
  "an extends that is no text": { extends: 3 },
};

describe("designJsonSchema", () => {
  it.each(Object.keys(ACCEPTED))("accepts %s, as the loader does", async (name) => {
    expect([schema.safeParse(ACCEPTED[name]).success, await loads(ACCEPTED[name])]).toEqual([true, true]);
  });

  it.each(Object.keys(REFUSED))("refuses %s, as the loader does", async (name) => {
    const written = JSON.parse(JSON.stringify(REFUSED[name]));
    expect([schema.safeParse(written).success, await loads(written)]).toEqual([false, false]);
  });

  it("accepts every preset, whole and as a change of another", () => {
    for (const { design } of Object.values(PRESETS)) {
      expect(schema.safeParse(design).success).toBe(true);
      expect(schema.safeParse({ extends: "eyeriss", ...design }).success).toBe(true);
    }
  });

  it("keeps unit, source and description beside each quantity", () => {
    const { $defs } = designJsonSchema() as { $defs: Record<string, { properties: Record<string, object> }> };

    for (const side of ["whole", "extending"]) {
      expect($defs[side]?.properties.clockHz).toMatchObject({ unit: "Hz", description: "Core clock" });
      expect($defs[side]?.properties.clockHz).toHaveProperty("source");
    }
  });
});
