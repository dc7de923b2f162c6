/** Every view of a report: it fits, it is safe to print, and it says what the report says. */

import fc from "fast-check";
import { parseString } from "fast-csv";
import { describe, expect, it } from "vitest";
import { grouped, percent } from "../../../reports/figures.js";
import { REPORTS } from "../../../reports/index.js";
import { renderLayerCsv } from "../../../reports/layer-csv.js";
import { renderLayerTable } from "../../../reports/layer-table.js";
import { bar } from "../../../reports/text-table.js";
import { parseReport } from "../../../sim/run/parse-report.js";
import type { Report } from "../../../sim/run/report-types.js";
import { simulate } from "../../../sim/run/simulate.js";
import { convChain } from "../../helpers/small-networks.js";
import { testDesign } from "../../helpers/test-design.js";

const CHAIN = convChain({ N: 1, G: 1, K: 16, C: 16, H: 16, W: 16, R: 3, S: 3, stride: 1, pad: 1 }, 3);
const REPORT = await simulate(CHAIN, testDesign());

/** Columns that a text takes on a terminal: wide characters two, combining ones none. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (/\p{Mark}|\p{Cf}/u.test(character)) continue;
    const wide =
      (code >= 0x1100 && code <= 0x115f) ||
      (code >= 0x2e80 && code <= 0xa4cf) ||
      (code >= 0xac00 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) ||
      (code >= 0xfe30 && code <= 0xfe6f) ||
      (code >= 0xff00 && code <= 0xff60) ||
      /\p{Emoji_Presentation}/u.test(character) ||
      (code >= 0x20000 && code <= 0x3fffd);
    width += wide ? 2 : 1;
  }
  return width;
}

function withName(name: string): Report {
  return {
    ...REPORT,
    layers: REPORT.layers.map((layer, index) => (index === 1 ? { ...layer, name, fused: [name] } : layer)),
  };
}

function rowsOf(csv: string): Promise<Record<string, string>[]> {
  return new Promise((resolve, reject) => {
    const rows: Record<string, string>[] = [];
    parseString<Record<string, string>, Record<string, string>>(csv, { headers: true })
      .on("data", (row: Record<string, string>) => rows.push(row))
      .on("error", reject)
      .on("end", () => resolve(rows));
  });
}

describe("layer table", () => {
  it("fits the width it is given, from 60 columns up", () => {
    for (const width of [60, 79, 80, 100, 140, 200]) {
      for (const line of renderLayerTable(REPORT, { width }).split("\n"))
        expect(line.length).toBeLessThanOrEqual(width);
    }
  });

  it("says more when there is room", () => {
    const narrow = renderLayerTable(REPORT, { width: 60 });
    const wide = renderLayerTable(REPORT, { width: 160 });

    expect(narrow).not.toContain("bound by");
    expect(wide).toContain("bound by");
    expect(wide).toContain("energy range");
  });

  it("shows each layer with its cycles, and the totals with their range", () => {
    const text = renderLayerTable(REPORT, { width: 140 });

    for (const layer of REPORT.layers) expect(text).toContain(grouped(layer.cycles));
    expect(text).toContain(`${grouped(REPORT.totals.cycles)} cycles`);
    expect(text).toMatch(/energy +[\d.]+ uJ {2}\([\d.]+ uJ to [\d.]+ [um]J over all sources\)/);
  });

  it("never prints control or direction characters, whatever a layer is called", () => {
    const text = renderLayerTable(withName("a\u001b[31m\u202e\u0007<script>\n\r\tb"), { width: 140 });

    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(text.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    expect(text).toContain("\\u001b");
  });

  it("keeps its width under names of any script and length", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), fc.constantFrom(80, 140), (name, width) => {
        for (const line of renderLayerTable(withName(name), { width }).split("\n")) {
          expect(displayWidth(line)).toBeLessThanOrEqual(width);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("marks layers that are assumed", () => {
    const assumed = { ...REPORT, layers: REPORT.layers.map((layer) => ({ ...layer, assumed: true })) };

    expect(renderLayerTable(assumed, { width: 140 })).toMatch(/ \? .*\n[\s\S]*\? +unknown operator/);
  });
});

describe("CSV", () => {
  it("parses back to the report's numbers, with a unit in every header of a figure", async () => {
    const rows = await rowsOf(await renderLayerCsv(REPORT));

    expect(rows).toHaveLength(REPORT.layers.length);
    for (const [index, row] of rows.entries()) {
      const layer = REPORT.layers[index]!;
      expect(row.layer).toBe(layer.name);
      expect(Number(row.cycles)).toBe(layer.cycles);
      expect(Number(row.energy_pj)).toBe(layer.energyPj);
      const parts = ["read", "write", "activate", "refresh", "background", "self_refresh"];
      const dramPj = parts.reduce((sum, part) => sum + Number(row[`dram_${part}_pj`]), 0);
      expect(dramPj).toBeCloseTo(layer.energyByComponentPj.dram, 3);
      expect(Number(row.dram_burst_bytes)).toBe(layer.dram.burstBytes);
      expect(Number(row.wait_ifmap_cycles)).toBe(layer.cyclesByCause.waitIfmap);
      expect(Number(row.mac_ops_count)).toBe(layer.macs);
    }
    for (const header of Object.keys(rows[0]!)) {
      if (/^[-\d.]+$/.test(rows[0]![header]!) && !/macs$|^shape_/.test(header)) {
        expect(header).toMatch(/(cycles|_pj|_bytes|_bits|_count|_fraction)$/);
      }
    }
  });

  it("keeps a name that would be a formula as text", async () => {
    for (const name of ["=1+1", "+1", "-1", "@x", '=HYPERLINK("http://x")']) {
      const rows = await rowsOf(await renderLayerCsv(withName(name)));

      expect(rows[1]!.layer).toBe(`'${name}`);
    }
  });

  it("quotes commas, quotes and line ends", async () => {
    const name = 'a,"b"\nc';

    const rows = await rowsOf(await renderLayerCsv(withName(name)));

    expect(rows[1]!.layer).toBe(name);
  });
});

describe("JSON", () => {
  it("reads back as the same report, byte for byte when written again", async () => {
    const text = await REPORTS.json.render(REPORT);

    const again = await REPORTS.json.render(parseReport(text, "report.json"));

    expect(again).toBe(text);
    expect(text.endsWith("}\n")).toBe(true);
  });

  it("is refused when figures are missing", () => {
    const broken = { ...REPORT, totals: { ...REPORT.totals, cycles: null } };

    expect(() => parseReport(JSON.stringify(broken), "x.json")).toThrow(/non-finite/);
    expect(() => parseReport("[]", "x.json")).toThrow(/schema/);
    expect(() => parseReport("{", "x.json")).toThrow(/not JSON/);
  });
});

describe("text", () => {
  it("groups digits, rounds percents and fills bars", () => {
    expect(grouped(1234567)).toBe("1 234 567");
    expect(grouped(999)).toBe("999");
    expect(percent(0.1234)).toBe("12.3%");
    expect(bar(0.5, 8)).toBe("████");
    expect(bar(0, 8)).toBe("");
    expect(bar(2, 4)).toBe("████");
  });
});

describe("every registered format", () => {
  it("renders with an extension of its own", async () => {
    const extensions = new Set<string>();
    for (const format of Object.values(REPORTS)) {
      expect((await format.render(REPORT, { width: 80 })).length).toBeGreaterThan(100);
      extensions.add(format.extension);
    }
    expect(extensions.size).toBe(Object.keys(REPORTS).length);
  });
});
