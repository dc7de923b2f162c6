/** Every preset keeps the contract of presets; the machines that papers describe have the papers' sizes. */
import { describe, expect, it } from "vitest";
import { designTable } from "../../../../hw-models/design.js";
import { describeDesign } from "../../../../hw-models/design-description.js";
import { PRESETS } from "../../../../hw-models/presets/index.js";
import { loadDesign } from "../../../../sim/run/load-design.js";
import { onSystolicArray } from "../../../helpers/test-design.js";

const NAMES = Object.keys(PRESETS);
/** Names of quantities end in their unit; these are the ones that designs use. */
const UNIT_OF_NAME: readonly (readonly [RegExp, string])[] = [
  [/Hz$/, "Hz"],
  [/Volts$/, "V"],
  [/Bytes$|^bytesPerClock$/, "bytes"],
  [/Bits$/, "bits"],
  [/Ns$/, "ns"],
  [/Nm$/, "nm"],
  [/Stages$/, "cycles"],
];

function everyObject(value: unknown): object[] {
  return typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(everyObject)] : [];
}

describe.each(NAMES)("preset %s", (name) => {
  const preset = PRESETS[name]!;

  it("has its own name, resolves to what it says, and is frozen to the leaves", async () => {
    const design = await loadDesign(name);

    expect([preset.name, preset.design.name, design.name]).toEqual([name, name, name]);
    expect(design).toMatchObject(preset.design);
    expect(everyObject(design).filter((part) => !Object.isFrozen(part))).toEqual([]);
  });

  it("gives each parameter a description and a source, and each quantity the unit of its name", async () => {
    const fields = describeDesign(await loadDesign(name));

    expect(fields.length).toBeGreaterThan(35);
    for (const { path, value, unit, description, source } of fields) {
      expect([path, description, source]).not.toContain("");
      const key = /[^.]+$/.exec(path)![0];
      const expected = UNIT_OF_NAME.find(([pattern]) => pattern.test(key))?.[1] ?? "";
      expect([path, unit]).toEqual([path, typeof value === "number" ? expected : ""]);
    }
  });

  it("names no source for a field that it does not have", async () => {
    const paths = describeDesign(await loadDesign(name)).map(({ path }) => path);

    const unused = Object.keys(preset.fieldSources ?? {}).filter((source) => {
      return !paths.some((path) => path === source || path.startsWith(`${source}.`) || path.startsWith(`${source}[`));
    });
    expect(unused).toEqual([]);
  });

  it("never pairs a higher clock with a lower supply", () => {
    const { technology, clockHz } = designTable.parse(preset.design);

    for (const point of technology.operatingPoints) {
      expect((point.clockHz - clockHz) * (point.supplyVolts - technology.supplyVolts)).toBeGreaterThanOrEqual(0);
    }
  });
});

describe("the systolic presets", () => {
  it("are the sizes from 8 to 256 in each dataflow, timed in the open", async () => {
    const expected = ["8", "16", "32", "64", "128", "256"].flatMap((n) =>
      ["os", "ws", "is"].map((dataflow) => `systolic-${n}x${n}-${dataflow}`),
    );

    expect(NAMES.filter((name) => name.startsWith("systolic-"))).toEqual(expected);
    for (const name of expected) {
      const { peArray } = onSystolicArray(await loadDesign(name));
      const [, rows, cols, dataflow] = /^systolic-(\d+)x(\d+)-(os|ws|is)$/.exec(name)!;
      expect(peArray).toMatchObject({ rows: Number(rows), cols: Number(cols), dataflow });
      expect(peArray).toMatchObject({ foldOverlap: "none", macPipelineStages: 1 });
      expect(peArray).not.toHaveProperty("accumulatorRows");
      if (peArray.dataflow !== "os") expect(peArray.weightPreload).toBe("exposed");
    }
  });

  it("have buffers that give each edge of the array an operand a cycle", async () => {
    for (const name of NAMES.filter((preset) => preset.startsWith("systolic-"))) {
      const { buffers, peArray } = onSystolicArray(await loadDesign(name));
      const bytesACycle = ({ banks, ports, widthBytes }: typeof buffers.ifmap) => banks * ports * widthBytes;

      expect(bytesACycle(buffers.ifmap)).toBeGreaterThanOrEqual(peArray.rows);
      expect(bytesACycle(buffers.weight)).toBeGreaterThanOrEqual(peArray.cols);
      // A psum of 32 bits a column.
      expect(bytesACycle(buffers.ofmap)).toBeGreaterThanOrEqual(4 * peArray.cols);
    }
  });
});

describe("tpu-like", () => {
  it("has the sizes of Jouppi et al., ISCA 2017", async () => {
    const { clockHz, peArray, buffers, dram, arithmetic } = onSystolicArray(await loadDesign("tpu-like"));

    // 65,536 MACs at 700 MHz: 65,536 x 2 x 0.7e9 = 91.75e12 operations a second, the paper's 92 TOPS.
    expect(Math.round((peArray.rows * peArray.cols * 2 * clockHz) / 1e12)).toBe(92);
    expect(buffers.ifmap.capacityBytes + buffers.ofmap.capacityBytes).toBe(24 * 1024 * 1024);
    // A tile of 256 x 256 weights of a byte is 64 KiB; the FIFO holds four.
    expect(buffers.weight.capacityBytes).toBe(4 * 64 * 1024);
    // Two channels of eight bytes at 2,133 MT/s: 34.1 GB/s.
    if (dram.kind !== "pipe") throw new Error("a pipe");
    expect((dram.bytesPerClock * dram.clockHz) / 1e9).toBeCloseTo((2 * 8 * 2133.4) / 1000, 3);
    // 4,096 rows of 256 accumulators of 32 bits: 4 MiB.
    if (peArray.dataflow !== "ws") expect.unreachable();
    else {
      expect(((peArray.accumulatorRows ?? 0) * peArray.cols * arithmetic.accumulatorBits) / 8).toBe(4 * 1024 * 1024);
    }
  });
});

describe("eyeriss", () => {
  it("has the sizes quoted of Chen et al., JSSC 2017, and says that it is not row stationary", async () => {
    const { peArray, buffers } = onSystolicArray(await loadDesign("eyeriss"));

    expect([peArray.rows, peArray.cols, peArray.rows * peArray.cols]).toEqual([12, 14, 168]);
    expect([peArray.activationBits, peArray.weightBits]).toEqual([16, 16]);
    const { ifmap, weight, ofmap } = buffers;
    expect(ifmap.capacityBytes + weight.capacityBytes + ofmap.capacityBytes).toBe(108 * 1024);
    expect(PRESETS.eyeriss!.description).toMatch(/not the chip's row stationary/);
  });
});
