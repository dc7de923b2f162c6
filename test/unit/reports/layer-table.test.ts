/** The terminal table letter by letter: a small report whose every figure can be checked by eye. */
import { describe, expect, it } from "vitest";
import { dramTable } from "../../../hw-models/dram/dram-parameters.js";
import { renderLayerTable } from "../../../reports/layer-table.js";
import type { Paint } from "../../../reports/paint.js";
import { testDesign } from "../../helpers/test-design.js";
import { type TestLayer, testReport } from "../../helpers/test-report.js";

const WAITS = { bandwidth: 0, rowConflict: 0, refresh: 0, latency: 0, bufferPort: 0, dependency: 0 };

/** 750 + 250 = 1000 cycles: 600 + 100 + 50 of the first; MACs 0.8 of 64 a cycle in the first, 38 400 of 48 000. */
const LAYERS: readonly TestLayer[] = [
  {
    name: "stem/convolution",
    fused: ["relu"],
    macs: 38_400,
    utilizationFraction: 0.8,
    cyclesByCause: { compute: 600, fillDrain: 100, waitIfmap: 50 },
    waitReasons: { ...WAITS, bandwidth: 40, latency: 10 },
    energyByComponentPj: { mac: 3_000, dram: 6_000 },
    dram: { usefulBytes: 900, burstBytes: 1_024, readBytes: 1_024, writeBytes: 0, bursts: 0, rowHits: 0 },
    weightBits: 4_096,
  },
  {
    name: "pool",
    kind: "max-pool",
    cyclesByCause: { vector: 250 },
    energyByComponentPj: { vectorUnit: 1_000 },
    boundBy: "vector",
  },
];
const REPORT = testReport(LAYERS, { notes: ["a note"] });

const AT_80 = `network net: 38.4 k MACs, 1.23 k parameters
design  test: 8x8 os, 45 nm
memory  DDR4 as a pipe of 16.0 GB/s and 50 ns
run     cycle fidelity, dense weights

layer            kind              cycles   time   util   energy DRAM E     DRAM
---------------- ------------ ----------- ------ ------ -------- ------ --------
stem/convolution conv                 750  75.0%  80.0%  9.00 nJ  66.7%  1.02 kB
pool             max-pool             250  25.0%      -  1.00 nJ   0.0%      0 B

DRAM E share of the layer's energy that DRAM takes

latency        1.00 us  (1 000 cycles at 1.00 GHz)
energy         10.0 nJ  (5.00 nJ to 100 nJ over all sources)
average power  10.0 mW
MACs           38 400, 60.0% of what the array could do
DRAM traffic   1.02 kB, 12.1% of it not needed
weights stored 512 B
peak memory    2.05 kB of feature maps in DRAM, 512 B of buffers
area           2.50 mm2 at 45 nm, without wiring, control and pads
waits because  bandwidth 80.0%, latency 20.0%

cycles
-------------- ------------- ------ ----------------
compute                  600  60.0% █████████▋
vector                   250  25.0% ████
fillDrain                100  10.0% █▋
waitIfmap                 50   5.0% ▊

energy
-------------- ------------- ------ ----------------
dram                 6.00 nJ  60.0% █████████▋
mac                  3.00 nJ  30.0% ████▊
vectorUnit           1.00 nJ  10.0% █▋

note a note
`;

const ROWS_AT_140 = `layer            kind              cycles   time   util   energy DRAM E     DRAM bound by     wait w/i/o       energy range fused
---------------- ------------ ----------- ------ ------ -------- ------ -------- ----------- ----------- ------------------ ---------------
stem/convolution conv                 750  75.0%  80.0%  9.00 nJ  66.7%  1.02 kB compute          0/7/0% 4.50 nJ .. 90.0 nJ relu
pool             max-pool             250  25.0%      -  1.00 nJ   0.0%      0 B vector           0/0/0%  500 pJ .. 10.0 nJ

DRAM E share of the layer's energy that DRAM takes
w/i/o  share of the layer's cycles that waited for weights, ifmap, ofmap
`;

const SHARES_AT_140 = `cycles                                                  energy
-------------- ------------- ------ ----------------    -------------- ------------- ------ ----------------
compute                  600  60.0% █████████▋          dram                 6.00 nJ  60.0% █████████▋
vector                   250  25.0% ████                mac                  3.00 nJ  30.0% ████▊
fillDrain                100  10.0% █▋                  vectorUnit           1.00 nJ  10.0% █▋
waitIfmap                 50   5.0% ▊
`;

describe("layer table", () => {
  it("names the memory: a pipe by what it moves, a device by its name and what differs from it", () => {
    const memory = (dram: object): string | undefined => {
      const design = { ...testDesign(), dram: dramTable.parse(dram) };
      return /^memory +(.+)$/m.exec(renderLayerTable(testReport([{ name: "a" }], { design }), { width: 100 }))?.[1];
    };

    const device = { kind: "device", device: "LPDDR4_8Gb_x16_2400" };
    expect(memory(device)).toBe("LPDDR4_8Gb_x16_2400");
    expect(memory({ ...device, channels: 4, memoryClockHz: 6e8, layout: "row-major" })).toBe(
      "LPDDR4_8Gb_x16_2400 at 600 MHz, channels: 4, feature maps row-major",
    );
  });

  it("says at 80 columns what a layer takes and where it went", () => {
    expect(renderLayerTable(REPORT, { width: 80 })).toBe(AT_80);
  });

  it("adds at 140 columns what bounds a layer, why it waits and its range, with shares side by side", () => {
    const text = renderLayerTable(REPORT, { width: 140 });

    expect(text).toContain(ROWS_AT_140);
    expect(text).toContain(SHARES_AT_140);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(140);
  });

  it("keeps cycles and energy down to 40 columns", () => {
    const lines = renderLayerTable(REPORT, { width: 40 }).split("\n");

    expect(lines).toContain("stem/convolution         750  9.00 nJ");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
  });

  it("rounds a count that is too long for its column instead of cutting it", () => {
    const report = testReport([{ name: "huge", cyclesByCause: { compute: 2_598_204_000_000 } }]);

    const text = renderLayerTable(report, { width: 80 });

    expect(text).toMatch(/^huge +conv +2\.60 T /m);
    expect(text).toContain("2 598 204 000 000 cycles at 1.00 GHz");
  });

  it("marks assumed and synthetic layers where the name is cut, and says what the marks mean", () => {
    const name = "a/very/long/path/of/a/layer/that/cannot/fit";
    const report = testReport([
      { name, assumed: true, cyclesByCause: { compute: 1 } },
      { name: `${name}2`, statistics: "synthetic", encoding: "nm:n=2,m=4", macs: 1, cyclesByCause: { compute: 1 } },
    ]);

    const text = renderLayerTable(report, { width: 80 });

    expect(text).toMatch(/^a\/very\/long\/path\/of\/… \? conv /m);
    expect(text).toMatch(/^a\/very\/long\/path\/of\/… ~ conv /m);
    expect(text).toMatch(/^\? unknown operator/m);
    expect(text).toMatch(/^~ depends on synthetic values/m);
    expect(text).toContain("nm:n=2,m=4 weights");
  });

  it("says all of a long note", () => {
    const note = `${"word ".repeat(100)}end`;

    const text = renderLayerTable(testReport(LAYERS, { notes: [note] }), { width: 80 });

    expect(text.replaceAll(/\n +/g, " ")).toContain(note);
  });

  it("is the same text with and without colour", () => {
    const mark = (letter: string) => (text: string) => `<${letter}>${text}</${letter}>`;
    const paint: Paint = { title: mark("t"), faint: mark("f"), bar: mark("b"), warning: mark("w") };

    for (const width of [80, 140]) {
      const painted = renderLayerTable(REPORT, { width, paint });

      expect(painted).toMatch(/<b>█+[▋▊]? *<\/b>/);
      expect(painted).toContain("<w>note</w>");
      const bare = painted.replaceAll(/<\/?[tfbw]>/g, "").replaceAll(/ +$/gm, "");
      expect(bare).toBe(renderLayerTable(REPORT, { width }));
    }
  });
});
