/** Our energy tables against the figures they were taken from, digit by digit. */
import { describe, expect, it } from "vitest";
import { ACCELERGY_45NM } from "../../hw-models/energy/accelergy-45nm.js";
import { ALADDIN_40NM } from "../../hw-models/energy/aladdin-40nm.js";
import { CACTI_SRAM } from "../../hw-models/energy/cacti-sram.js";
import { DRAM_PER_BIT } from "../../hw-models/energy/dram-per-bit.js";
import { EYERISS_65NM } from "../../hw-models/energy/eyeriss-65nm.js";
import { HOROWITZ_45NM } from "../../hw-models/energy/horowitz-45nm.js";
import { SMARTEXCHANGE_28NM } from "../../hw-models/energy/smartexchange-28nm.js";
import { STILLMAKER_AREA, STILLMAKER_POLYNOMIALS } from "../../hw-models/energy/stillmaker-scaling.js";
import { TPUV4I_7NM } from "../../hw-models/energy/tpuv4i-7nm.js";
import type { UnitFigure } from "../../hw-models/energy/unit-figure.js";
import { readCsvFixture } from "../helpers/csv-fixture.js";

const TABLES: Record<string, Readonly<Record<string, UnitFigure>>> = {
  ACCELERGY_45NM,
  ALADDIN_40NM,
  DRAM_PER_BIT,
  EYERISS_65NM,
  HOROWITZ_45NM,
  SMARTEXCHANGE_28NM,
  TPUV4I_7NM,
};

describe("energy tables", () => {
  it("have every figure of ours in the collected table: what it is of, width, node, unit, source and provenance", async () => {
    const rows = await readCsvFixture("unit-energies.csv");
    const figures = Object.entries(TABLES).flatMap(([table, entries]) =>
      Object.entries(entries).map(([name, figure]) => ({ name: `${table}.${name}`, figure })),
    );

    expect(figures.length).toBeGreaterThan(30);
    for (const { name, figure } of figures) {
      const match = rows.find(
        (row) =>
          row.component === figure.component &&
          row.action === figure.action &&
          Number(row.value) === figure.value &&
          row.source === figure.source &&
          row.provenance === figure.provenance &&
          row.bits === String(figure.bits ?? "") &&
          row.size_bytes === String(figure.sizeBytes ?? "") &&
          row.node_nm === String(figure.nodeNm ?? "") &&
          row.unit!.split(" ")[0] === figure.unit,
      );
      expect(match, name).toBeDefined();
    }
  });

  it("have names that say what the figure is of", () => {
    for (const [table, entries] of Object.entries(TABLES)) {
      for (const [name, { bits, action, sizeBytes }] of Object.entries(entries)) {
        if (table === "DRAM_PER_BIT") continue;
        if (action.startsWith("access-")) expect(name).toContain(action === "access-min" ? "Min" : "Max");
        else if (action !== "access" && action !== "op") expect(name.toLowerCase()).toContain(action);
        if (sizeBytes !== undefined) expect(name).toContain(`${sizeBytes}Bytes`);
        else if (bits !== undefined) expect(name).toMatch(new RegExp(`${bits}(Area)?$`));
      }
    }
  });

  it("have every CACTI point", async () => {
    const rows = await readCsvFixture("cacti.csv");

    expect(rows).toHaveLength(50);
    expect(CACTI_SRAM).toEqual(
      rows.map((row) =>
        ["tech_nm", "size_bytes", "width_bits", "banks", "read_pj", "write_pj", "leak_mw_per_bank", "area_mm2"].map(
          (name) => Number(row[name]),
        ),
      ),
    );
  });

  it("have the scaling polynomials of each node, high performance below 65 nm, and every area factor", async () => {
    const coefficients = await readCsvFixture("technology-scaling-coefficients.csv");
    for (const [node, { delay, energy }] of Object.entries(STILLMAKER_POLYNOMIALS)) {
      const row = coefficients.find((candidate) => candidate.node === node || candidate.node === `HP${node}`)!;
      expect(delay).toEqual(["d3", "d2", "d1", "d0"].map((name) => Number(row[name])));
      expect(energy).toEqual(["e2", "e1", "e0"].map((name) => Number(row[name])));
    }
    const areas = await readCsvFixture("technology-scaling-area.csv");
    expect(areas).toHaveLength(121);
    for (const row of areas) {
      expect(STILLMAKER_AREA[Number(row.from_nm)]![Number(row.to_nm)]).toBe(Number(row.area_factor));
    }
  });
});
