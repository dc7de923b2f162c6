/** No parameter without effect: each is changed in turn, and some figure of the report must move. */
import { describe, expect, it } from "vitest";
import { type Design, designTable } from "../../hw-models/design.js";
import { describeDesign } from "../../hw-models/design-description.js";
import { PE_ARRAYS } from "../../hw-models/pe-array/index.js";
import type { Network } from "../../sim/ir/network.js";
import { simulate } from "../../sim/run/simulate.js";
import { convChain, convNetwork, vectorNetwork } from "../helpers/small-networks.js";
import { onSystolicArray, testDesign } from "../helpers/test-design.js";

/** A part whose every parameter is given, so that each can be changed. */
const DEVICE = {
  kind: "device",
  device: "DDR4_8Gb_x8_2400",
  channels: 1,
  memoryClockHz: 1.2e9,
  mapping: "rochrababgco",
  issueWidth: 2,
  layout: "row-major",
  controller: {
    // Few entries, long drains and short patience: whatever the controller can do, it does.
    commandQueueEntries: 2,
    transactionQueueEntries: 8,
    drainLowWater: 2,
    rowHitCap: 2,
    dualCommand: false,
    powerDownAfterCycles: 20,
    selfRefreshAfterCycles: 400,
  },
};

/** Small buffers and odd shapes, so that every mechanism is at work. */
function base(dataflow: "os" | "ws" | "is", dram: object = {}): Design {
  const sram = { capacityBytes: 2048, banks: 8, ports: 1, widthBytes: 8, doubleBuffered: true };
  const design = testDesign({
    buffers: {
      ifmap: sram,
      weight: { ...sram, banks: 1, widthBytes: 4 },
      ofmap: { ...sram, capacityBytes: 8192, banks: 2 },
      ifmapFeed: "im2col",
      ifmapLayout: "channels-last",
      keepFeatureMaps: false,
    },
    technology: { operatingPoints: [{ name: "slow", clockHz: 5e8, supplyVolts: 0.8 }] },
    units: { vector: { lanes: 4, pipelineStages: 4 }, weightDecoder: { valuesPerCycle: 2 } },
  });
  const { kind, rows, cols, foldOverlap, macPipelineStages, activationBits, weightBits } = design.peArray;
  const shared = { kind, rows, cols, foldOverlap, macPipelineStages, activationBits, weightBits };
  const peArray =
    dataflow === "os"
      ? { ...shared, dataflow }
      : { ...shared, dataflow, weightPreload: "exposed" as const, accumulatorRows: 16 };
  return designTable.parse({ ...design, peArray, dram: "kind" in dram ? dram : design.dram });
}

const NETWORKS: readonly Network[] = [
  convChain({ N: 1, G: 1, K: 24, C: 24, H: 12, W: 12, R: 3, S: 3, stride: 1, pad: 1 }, 2),
  convNetwork({ N: 2, G: 3, K: 5, C: 7, H: 9, W: 11, R: 3, S: 2, stride: 2, pad: 1 }),
  vectorNetwork(96, ["a = linear(x)", "b = softmax(a)", "c = add(b, x)"], ["c"]),
];

/** Everything that a run says, the design itself and its sources left out. */
async function figures(design: Design): Promise<string> {
  const parts: unknown[] = [];
  for (const network of NETWORKS) {
    for (const encoding of ["dense", "nm:n=2,m=4"]) {
      const report = await simulate(network, design, { encoding, operatingPoints: "all" });
      const { totals, layers, operatingPoints, clock } = report;
      const counts = layers.map(({ cycles, cyclesByCause, waitReasons, actions, dram, buffers, energyPj }) => {
        return { cycles, cyclesByCause, waitReasons, actions, dram, buffers, energyPj };
      });
      parts.push({ totals, counts, operatingPoints, clock });
    }
  }
  return JSON.stringify(parts);
}

/** Another value of a parameter, still a legal one. */
function otherValues(path: string, value: unknown): readonly unknown[] {
  const choices: Readonly<Record<string, readonly unknown[]>> = {
    "technology.nodeNm": [32],
    "technology.supplyVolts": [0.85],
    "technology.operatingPoints[0].supplyVolts": [0.75],
    "peArray.foldOverlap": ["pipelined"],
    "peArray.weightPreload": ["shadow"],
    "peArray.activationBits": [16],
    "peArray.weightBits": [16],
    "arithmetic.accumulatorBits": [24],
    "arithmetic.psumSpillBits": [24],
    "buffers.ifmapFeed": ["line-buffer"],
    "buffers.ifmapLayout": ["array-order", "channels-first"],
    "dram.technology": ["HBM2"],
    "dram.burstBytes": [32],
    "dram.layout": ["row-major", "channel-interleaved"],
    "dram.device": ["HBM2_8Gb_x128"],
    "dram.mapping": ["rorachbacobg", "robabgrachco"],
    "dram.issueWidth": [1],
    "dram.controller.scheduler": ["oldest-first"],
    "dram.controller.queueStructure": ["per-rank"],
    "dram.controller.commandQueueEntries": [1, 8],
    "dram.controller.rowPolicy": ["close"],
    "dram.controller.rowHitCap": [1, 4, 64],
    "dram.controller.drainLowWater": [0, 1, 4],
    "dram.controller.refresh": ["none"],
    "dram.controller.refreshRate": [2, 8],
    "dram.controller.sleepOf": ["untouched-ranks"],
    "mapping.loopOrder": ["cpk", "kcp"],
  };
  if (choices[path] !== undefined) return choices[path];
  if (typeof value === "boolean") return [!value];
  return [(value as number) * 2];
}

function withValue(design: Design, path: string, value: unknown): Design {
  const copy = structuredClone(design) as unknown as Record<string, unknown>;
  const keys = path.replaceAll("[", ".").replaceAll("]", "").split(".");
  const last = keys.pop()!;
  let target = copy;
  for (const key of keys) target = target[key] as Record<string, unknown>;
  target[last] = value;
  return designTable.parse(copy);
}

/** Labels, and the choices that another test covers. */
const LABELS = new Set(["schema", "name", "source", "peArray.kind", "dram.kind", "technology.operatingPoints[0].name"]);
/** Parameters of the controller that need more contention than a small layer makes; the tests of traces flip them too. */
const NEEDS_A_TRACE = new Set(["dram.controller.rowHitCap", "dram.controller.dualCommand"]);
const ELSEWHERE = new Set(["peArray.dataflow", "arithmetic.overflow", "arithmetic.requantize"]);

describe("parameters", () => {
  for (const dataflow of ["os", "ws"] as const) {
    it(`all move some figure (${dataflow})`, async () => {
      const design = base(dataflow);
      const before = await figures(design);
      const fields = describeDesign(design).filter(({ path }) => !LABELS.has(path) && !ELSEWHERE.has(path));

      expect(fields.length).toBeGreaterThan(35);
      const idle: string[] = [];
      for (const { path, value } of fields) {
        const changed = await Promise.all(
          otherValues(path, value).map((other) => figures(withValue(design, path, other))),
        );
        if (changed.every((after) => after === before)) idle.push(path);
      }
      expect(idle).toEqual([]);
    });
  }

  it("all move some figure (a DRAM device)", async () => {
    const design = base("os", DEVICE);
    const before = await figures(design);
    const fields = describeDesign(design).filter(
      ({ path }) => path.startsWith("dram.") && path !== "dram.kind" && !NEEDS_A_TRACE.has(path),
    );

    expect(fields.length).toBeGreaterThan(15);
    const idle: string[] = [];
    for (const { path, value } of fields) {
      const changed = await Promise.all(
        otherValues(path, value).map((other) => figures(withValue(design, path, other))),
      );
      if (changed.every((after) => after === before)) idle.push(path);
    }
    expect(idle).toEqual([]);
  });

  it("includes the dataflow", async () => {
    const all = await Promise.all((["os", "ws", "is"] as const).map((dataflow) => figures(base(dataflow))));

    expect(new Set(all).size).toBe(3);
  });

  it("includes what an accumulator does past its range", () => {
    const ifmap = new Int8Array(64).fill(127);
    const weight = new Int8Array(64).fill(127);
    const { peArray } = onSystolicArray(base("os"));
    const run = (overflow: "wrap" | "saturate") =>
      PE_ARRAYS.systolic
        .create(peArray, { accumulatorBits: 16, overflow, psumSpillBits: 16 })
        .runTile(ifmap, weight, { rows: 1, columns: 1, reduction: 64 }).ofmap[0];

    // 64 x 127 x 127 = 1032256: saturated at 32767, or modulo 2^16 = 49216 - 65536.
    expect(run("saturate")).toBe(32767);
    expect(run("wrap")).toBe(((64 * 127 * 127 + 32768) % 65536) - 32768);
  });
});
