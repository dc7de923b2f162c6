/** The DRAM controller against DRAMsim3: every row of the reference table, and short runs command by command. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../hw-models/dram/commands.js";
import { runDramTrace } from "../../hw-models/dram/dram-system.js";
import { readReferenceDevices } from "../../sim/validate/dram/dram-reference.js";
import { validate } from "../../sim/validate/index.js";
import { type DramPattern, dramPatternSource } from "../../traces/dram-patterns.js";

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/dram/${name}`, import.meta.url));

/** The traces of the command files, as the reference text gives them. */
const COMMAND_TRACES: Readonly<Record<string, DramPattern>> = {
  c_seq_r: { pat: "seq", n: 64 },
  c_str64k_r: { pat: "stride", n: 32, stride: 65536 },
  c_rand_mix30: { pat: "rand", n: 200, span: 2 ** 30, seed: 11, wpct: 30 },
  c_copy: { pat: "copy", n: 120 },
};
const COMMAND_FILES: Readonly<Record<string, number>> = {
  DDR3_8Gb_x8_1600: 1,
  DDR4_8Gb_x8_2400: 1,
  GDDR6_8Gb_x16: 1,
  HBM2_8Gb_x128: 8,
  LPDDR4_8Gb_x16_2400: 1,
};

const DEVICES = await readReferenceDevices(fixture("dram-devices.json"));

/** Commands of a run as lines of the reference files. */
function commandLines(deviceName: string, traceName: string, issueWidth: number): string[] {
  const { device, controller, mapping } = DEVICES.get(deviceName)!;
  const { bankGroups, banksPerGroup, requestBytes } = device.organization;
  const lines: { cycle: number; channel: number; text: string }[] = [];
  runDramTrace(device, dramPatternSource(COMMAND_TRACES[traceName]!, requestBytes), {
    mapping,
    controller,
    issueWidth,
    commands: (channel) => ({
      command(cycle, command, bank, row, column) {
        const name = COMMANDS[command]!;
        const inRank = bank % (bankGroups * banksPerGroup);
        const rank = (bank - inRank) / (bankGroups * banksPerGroup);
        const place = name === "REF" ? ["", ""] : [Math.floor(inRank / banksPerGroup), inRank % banksPerGroup];
        const opensOrUses = name !== "PRE" && name !== "REF";
        const isColumn = name.startsWith("RD") || name.startsWith("WR");
        const cells = [traceName, cycle, name, channel, rank, ...place, opensOrUses ? row : "", isColumn ? column : ""];
        lines.push({ cycle, channel, text: cells.join(",") });
      },
    }),
  });
  // The files list commands by cycle, channels in order within one.
  return lines.toSorted((a, b) => a.cycle - b.cycle || a.channel - b.channel).map(({ text }) => text);
}

describe("DRAM controller", () => {
  it("matches every figure of every row of the reference table", async () => {
    const result = await validate("dram", fixture("dram.csv"));

    expect(result.misses).toEqual([]);
    expect(result).toMatchObject({ rows: 123, compared: 123, matched: 123 });
    expect(result.columns.cycles).toMatchObject({ compared: 117, matched: 117, tolerance: 0 });
  });

  for (const [deviceName, issueWidth] of Object.entries(COMMAND_FILES)) {
    it(`issues the commands of ${deviceName} line by line`, () => {
      const expected = readFileSync(fixture(`dram-cmds/${deviceName}.csv`), "utf8")
        .trim()
        .split("\n")
        .slice(1);
      const traces = [...new Set(expected.map((line) => line.split(",")[0]!))];

      expect(traces.length).toBeGreaterThanOrEqual(1);
      for (const trace of traces) {
        const own = expected.filter((line) => line.startsWith(`${trace},`));
        const got = commandLines(deviceName, trace, issueWidth);
        expect(got).toEqual(own);
      }
    });
  }
});
