import { describe, expect, it } from "vitest";
import { CommandPowerMeter } from "../../../../../hw-models/dram/power/command-power-meter.js";
import { parsePowerParameters } from "../../../../../hw-models/dram/power/power-parameters.js";
import { ConfigError } from "../../../../../sim/core/errors.js";
import { RAIL, smallDevice } from "./small-device.js";

const device = smallDevice("DDR4");

describe("power parameters", () => {
  it("share the whole difference between IDD3N and IDD2N when nothing is said", () => {
    const { sharedStandbyFraction: _, ...rest } = device;

    expect(parsePowerParameters(rest).sharedStandbyFraction).toBe(1);
  });

  it.each([
    ["a current that is no number", { rails: [{ ...RAIL, IDD0: Number.NaN }] }, "dram.power.rails.0.IDD0", "NaN"],
    ["a negative voltage", { rails: [{ ...RAIL, volts: -1 }] }, "dram.power.rails.0.volts", "-1"],
    ["no supply", { rails: [] }, "dram.power.rails", "[]"],
    ["half a cycle", { timings: { ...device.timings, nRCD: 0.5 } }, "dram.power.timings.nRCD", "0.5"],
    ["an activate of no time", { timings: { ...device.timings, nRAS: 0 } }, "dram.power.timings.nRAS", "0"],
    ["a period without end", { timings: { ...device.timings, tCKps: Infinity } }, "timings.tCKps", "Infinity"],
    ["an unknown key", { temperature: 85 }, "dram.power", "temperature"],
    ["no organisation", { organization: undefined }, "dram.power.organization", "nothing"],
    ["a standard that we do not know", { standard: "GDDR6" }, "dram.power.standard", "GDDR6"],
    ["a share above one", { sharedStandbyFraction: 1.1 }, "sharedStandbyFraction", "1.1"],
  ])("refuse %s", (_, change, where, got) => {
    const parse = () => parsePowerParameters({ ...device, ...change });

    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(where);
    expect(parse).toThrow(got);
  });

  it.each([
    ["DDR5", "IDD5C", "nRFCsb"],
    ["LPDDR4", "IDD5PB", "nREFI"],
    ["LPDDR5", "IDD6DS", "nRFCpb"],
    ["LPDDR6", "IDD6DS", "nRFCdb"],
  ] as const)("refuse %s without %s or %s", (standard, current, timing) => {
    const { [current]: _current, ...rail } = RAIL;
    const { [timing]: _timing, ...timings } = smallDevice(standard).timings;
    const parse = () => parsePowerParameters({ ...device, standard, timings, rails: [RAIL, rail] });

    expect(parse).toThrow(new RegExp(`timings.${timing}[\\s\\S]*rails.1.${current}`));
    expect(parse).toThrow(`which ${standard} needs`);
  });

  it("are checked by the meter, too", () => {
    expect(() => new CommandPowerMeter({ ...device, rails: [] })).toThrow(ConfigError);
  });

  it("refuse what is no object", () => {
    for (const data of [null, 3, "DDR4", []]) expect(() => parsePowerParameters(data)).toThrow(ConfigError);
  });
});
