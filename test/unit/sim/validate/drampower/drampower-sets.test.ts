import { describe, expect, it } from "vitest";
import { TraceError } from "../../../../../sim/core/errors.js";
import { readDrampowerSets } from "../../../../../sim/validate/drampower/drampower-sets.js";
import { folderOf, rewrite, setParameter } from "./drampower-folder.js";

const FIXTURE = "test/fixtures/drampower/drampower-specs.json";
const SETS = await readDrampowerSets(FIXTURE);

async function changed(name: string, path: readonly string[], value: unknown) {
  const { sets } = await folderOf([`${name}/idle`]);
  await setParameter(sets, [name, ...path], value);
  return (await readDrampowerSets(sets)).get(name)!;
}

describe("parameter sets", () => {
  it("are read with the timings of their protocol", () => {
    const timings = (name: string) => SETS.get(name)!.parameters.timings;

    // RefMode 4: RFC4. Write: 8 beats at 2 a clock, WL 16, WR 24.
    expect(timings("ddr4_syn_ref4")).toMatchObject({ nRFCab: 256, nRDAtoPRE: 12, nWRAtoPRE: 44, burstClocks: 4 });
    expect(timings("ddr5_syn_a")).toMatchObject({ nRFCab: 709, nRFCsb: 312, nWRAtoPRE: 8 + 38 + 72 });
    expect(timings("lpddr4_syn_a")).toMatchObject({ nRP: 29, nRDAtoPRE: 12, nWRAtoPRE: 14 + 8 + 29 + 1, nREFI: 6246 });
    // A burst of 16 beats at 2 x 4 a clock.
    expect(timings("lpddr5_syn_a")).toMatchObject({ nRCD: 15, nRDAtoPRE: 2 + 4, nWRAtoPRE: 9 + 2 + 1 + 28 });
    expect(timings("lpddr5_syn_a").burstClocks).toBe(2);
    // The later of RCD_r 16 and RCD_w 11.
    expect(timings("lpddr6_syn_a")).toMatchObject({ nRCD: 16, nRFCpb: 120, nRFCdb: 144, burstClocks: 6 });
  });

  it.each([
    ["ddr4_syn_a", ["memarchitecturespec", "RefMode"], 2, "nRFCab", 416],
    ["ddr5_syn_a", ["memarchitecturespec", "RefMode"], 2, "nRFCab", 385],
    ["ddr4_syn_a", ["memtimingspec", "AL"], 5, "nRDAtoPRE", 12 + 5],
    ["lpddr4_syn_a", ["memarchitecturespec", "burstLength"], 32, "nRDAtoPRE", 12 + 8],
    ["lpddr5_syn_a", ["memtimingspec", "RCD_S"], 11, "nRCD", 11],
    ["lpddr6_syn_a", ["memtimingspec", "RCD_w"], 19, "nRCD", 19],
  ] as const)("of %s follow %j = %i", async (name, path, value, timing, expected) => {
    const { parameters } = await changed(name, path, value);

    expect(parameters.timings[timing]).toBe(expected);
  });

  it("take the refresh current of their refresh mode", async () => {
    const current = async (name: string, mode: number): Promise<number> => {
      const { parameters } = await changed(name, ["memarchitecturespec", "RefMode"], mode);
      return parameters.rails[0]!.IDD5AB;
    };

    expect(await current("ddr4_syn_a", 1)).toBeCloseTo(264.5, 9);
    expect(await current("ddr4_syn_a", 2)).toBeCloseTo(195, 9);
    expect(await current("ddr4_syn_a", 4)).toBeCloseTo(165.2, 9);
    expect(await current("ddr5_syn_a", 2)).toBeCloseTo(233.2, 9);
  });

  it("have the supplies of their protocol, and IDD0 for a precharging current that is not given", () => {
    const rails = (name: string) => SETS.get(name)!.parameters.rails;

    expect(rails("ddr5_syn_a").map(({ name }) => name)).toEqual(["vdd", "vpp"]);
    expect(rails("lpddr5_syn_a").map(({ name }) => name)).toEqual(["vdd1", "vdd2h", "vdd2l"]);
    expect(rails("lpddr6_syn_a").map(({ name }) => name)).toEqual(["vdd1", "vdd2c", "vdd2d"]);
    expect(rails("lpddr6_syn_a")[1]).toMatchObject({ volts: 1, IDD0: 48.26, IDD5PB: 41.26, precharging: 38.78 });
    expect(rails("micron_ddr4_2400")[0]!.precharging).toBeUndefined();
    expect(SETS.get("ddr4_syn_ref4")!.parameters.sharedStandbyFraction).toBe(1);
  });

  it("have the interface as the peer runs it", async () => {
    const bus = (name: string) => SETS.get(name)!.parameters.interface;

    expect(bus("lpddr6_syn_a")).toBeUndefined();
    // Two strobe pairs for 16 lines, but for LPDDR5, whose writes have none.
    expect(bus("lpddr4_syn_a")).toMatchObject({ readStrobe: { pairs: 2 }, writeStrobe: { pairs: 2 } });
    expect(bus("lpddr5_syn_a")).toMatchObject({ readStrobe: { pairs: 1 }, commandAddress: { levelsPerClock: 2 } });
    expect(bus("lpddr5_syn_a")!.writeStrobe).toBeUndefined();
    // WCK takes 8 levels a clock; the peer counts floor(2 / 4).
    expect(bus("lpddr5_syn_a")!.writeClock!.levelsPerClock).toBe(8);
    expect(SETS.get("lpddr5_syn_a")!.writeClock).toEqual({ levelsPerClock: 0, burstClocks: 8, alwaysOn: true });
    const strobed = await changed("ddr5_syn_a", ["dataratespec", "dqs_bus_rate"], 4);
    expect(strobed.parameters.interface).toMatchObject({ readStrobe: { levelsPerClock: 4 }, beatsPerClock: 2 });
  });

  it.each([
    ["ddr4_syn_a", undefined],
    ["ddr5_syn_a", 43.7],
  ])("of %s with rdq_termination off give data lines a resistance of %s", async (name, ohms) => {
    const { parameters } = await changed(name, ["memimpedancespec", "rdq_termination"], false);

    expect(parameters.interface!.readData.terminationOhms).toBe(ohms);
  });

  it.each([
    ["ddr4_syn_a", ["mempowerspec", "idd0"], undefined],
    ["ddr4_syn_a", ["mempowerspec", "ipp5F4"], "0.1"],
    ["ddr4_syn_a", ["mempowerspec", "iBeta_vdd"], -1],
    ["ddr4_syn_a", ["memtimingspec", "tCK"], 0],
    ["ddr4_syn_a", ["memtimingspec", "RAS"], 10.5],
    ["ddr4_syn_a", ["memtimingspec", "RP"], 1e300],
    ["ddr4_syn_a", ["memarchitecturespec", "RefMode"], 3],
    ["ddr4_syn_a", ["memarchitecturespec", "nbrOfBanks"], 18],
    ["ddr4_syn_a", ["memarchitecturespec", "nbrOfRanks"], 0],
    ["ddr4_syn_a", ["memarchitecturespec", "nbrOfRanks"], 1000],
    ["ddr4_syn_a", ["memimpedancespec", "ck_R_eq"], 0],
    ["ddr4_syn_a", ["memimpedancespec"], undefined],
    ["ddr5_syn_a", ["dataratespec"], undefined],
    ["lpddr5_syn_a", ["memtimingspec", "WCK2CK"], 0],
    ["lpddr5_syn_a", ["memarchitecturespec", "WCKalwaysOn"], 1],
    ["lpddr6_syn_a", ["memtimingspec", "RFCdb"], 0],
    ["lpddr6_syn_a", ["bankwisespec", "factRho"], 2],
    ["lpddr6_syn_a", ["protocol"], "LPDDR7"],
  ] as const)("of %s are refused with %j = %j", async (name, path, value) => {
    await expect(changed(name, path, value)).rejects.toThrow(TraceError);
    await expect(changed(name, path, value)).rejects.toThrow(name);
  });

  it("gather everything that is wrong", async () => {
    const { sets } = await folderOf(["ddr4_syn_a/idle", "lpddr4_syn_a/idle"]);
    await setParameter(sets, ["ddr4_syn_a", "mempowerspec", "idd0"], "x");
    await setParameter(sets, ["lpddr4_syn_a", "memtimingspec", "RFCpb"], 0);

    await expect(readDrampowerSets(sets)).rejects.toThrow(
      /ddr4_syn_a.mempowerspec.idd0[\s\S]*lpddr4_syn_a.memtimingspec.RFCpb/,
    );
  });

  it.each([
    ["[]", "[]"],
    ["null", "null"],
    ["", "JSON"],
    ['{"ddr4_syn_a":', "JSON"],
    ['{"ddr4_syn_a": 3}', "ddr4_syn_a"],
  ])("are refused when the file holds %j", async (text, shown) => {
    const { sets } = await folderOf(["ddr4_syn_a/idle"]);
    await rewrite(sets, () => text);

    await expect(readDrampowerSets(sets)).rejects.toThrow(TraceError);
    await expect(readDrampowerSets(sets)).rejects.toThrow(shown);
  });
});
