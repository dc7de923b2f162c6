/** Rules of the standards: against hand arithmetic, against the reference text's list of distances, and as printed. */
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { DramDevice } from "../../../../hw-models/dram/device.js";
import { DRAM_DEVICES, DRAM_STANDARDS } from "../../../../hw-models/dram/index.js";
import { latencyCycles, latencyText, max, sum } from "../../../../hw-models/dram/standards/latency.js";
import { rulesOf } from "../../../../hw-models/dram/standards/standard.js";
import { readReferenceDevices } from "../../../../sim/validate/dram/dram-reference.js";
import { DEVICES_OF_ALL_STANDARDS } from "../../../helpers/dram-devices.js";

const REFERENCE = await readReferenceDevices(
  fileURLToPath(new URL("../../../fixtures/dram/dram-devices.json", import.meta.url)),
);

/** Cycles and formula of a rule by `preceding following scope`. */
function rule({ rules }: DramDevice, what: string): string | undefined {
  const found = rules.filter(({ preceding, following, scope }) => `${preceding} ${following} ${scope}` === what);
  expect(found.length).toBeLessThanOrEqual(1);
  return found[0] === undefined ? undefined : `${found[0].cycles} = ${found[0].formula}`;
}

/** The distances that the reference text lists for the peer, written out from that text. */
function distancesOfTheText({ organization, timings: t, standard }: DramDevice): Map<string, number> {
  const oneGroup = organization.bankGroups === 1;
  const [ccdL, rrdL, wtrL] = oneGroup ? [t.nCCDS, t.nRRDS, t.nWTRS] : [t.nCCDL, t.nRRDL, t.nWTRL];
  const BC = t.nBL;
  const RL = t.nAL + t.nCL;
  const WL = t.nAL + t.nCWL;
  const distances = new Map<string, number>();
  const add = (before: string, after: string, scopes: string, cycles: number): void => {
    for (const one of before.split("/"))
      for (const other of after.split("/"))
        for (const scope of scopes.split("/")) if (cycles > 0) distances.set(`${one} ${other} ${scope}`, cycles);
  };
  for (const kind of ["RD/RDA", "WR/WRA"]) {
    add(kind, kind, "same-group", Math.max(BC, ccdL));
    add(kind, kind, "other-groups", Math.max(BC, t.nCCDS));
  }
  add("RD/RDA", "RD/RDA", "other-ranks", BC + t.nRTRS);
  add("WR/WRA", "WR/WRA", "other-ranks", BC);
  add("RD/RDA", "WR/WRA", "rank/other-ranks", RL + BC - WL + t.nRTRS);
  add("WR/WRA", "RD/RDA", "same-group", WL + BC + wtrL);
  add("WR/WRA", "RD/RDA", "other-groups", WL + BC + t.nWTRS);
  add("WR/WRA", "RD/RDA", "other-ranks", WL + BC + t.nRTRS - RL);
  add("RD", "PRE", "bank", t.nAL + t.nRTP);
  add("WR", "PRE", "bank", WL + BC + t.nWR);
  add("RDA", "ACT", "bank", t.nAL + BC + t.nRTP + t.nRP);
  add("RDA", "REF/SRE", "bank", t.nAL + t.nRTP + t.nRP);
  add("WRA", "ACT/REF/SRE", "bank", WL + BC + t.nWR + t.nRP);
  add("ACT", "ACT", "bank", t.nRAS + t.nRP);
  add("ACT", "ACT", "same-group", rrdL);
  add("ACT", "ACT", "other-groups", t.nRRDS);
  add("ACT", "RD/RDA", "bank", t.nRCDRD - t.nAL);
  add("ACT", "WR/WRA", "bank", t.nRCDWR - t.nAL);
  add("ACT", "PRE", "bank", t.nRAS);
  add("PRE", "ACT/REF/SRE", "bank", t.nRP);
  if (/^(GDDR|LPDDR4)/.test(standard)) add("PRE", "PRE", "rank", t.nPPD ?? 0);
  add("REF", "ACT/REF/SRE", "rank", t.nRFC);
  add("SRE", "SRX", "rank", t.nCKESR);
  add("SRX", "ACT/REF/SRE", "rank", t.nXS);
  return distances;
}

describe("latencies", () => {
  const { timings } = DRAM_DEVICES.DDR4_8Gb_x8_2400!;

  it("are evaluated and printed from the same terms", () => {
    // RL 17 + burst 4 + turnaround 1 - WL 12.
    const turnaround = sum("nRL", "nBL", "nRTRS", "-nWL");

    expect(latencyCycles(turnaround, timings)).toBe(10);
    expect(latencyText(turnaround)).toBe("nRL + nBL + nRTRS - nWL");
    expect(latencyCycles(max("nBL", "nCCDL"), timings)).toBe(6);
    expect(latencyText(max("nBL", "nCCDL"))).toBe("max(nBL, nCCDL)");
    expect(latencyText(sum("-nAL", "nRC", 1))).toBe("-nAL + nRC + 1");
  });

  it("have no value when the device lacks a timing they name", () => {
    expect(latencyCycles(sum("nBL", "nPPD"), timings)).toBeUndefined();
  });
});

describe("rules of DDR4-2400", () => {
  const device = DRAM_DEVICES.DDR4_8Gb_x8_2400!;

  it("are hand arithmetic on CL 17, CWL 12, RCD 17, RP 17, RAS 39, WR 18, RTP 9, BL 4", () => {
    expect(rule(device, "RD RD same-group")).toBe("6 = max(nBL, nCCDL)");
    expect(rule(device, "RD RD other-groups")).toBe("4 = max(nBL, nCCDS)");
    expect(rule(device, "WR RD same-group")).toBe("25 = nWL + nBL + nWTRL");
    expect(rule(device, "WR RD other-groups")).toBe("19 = nWL + nBL + nWTRS");
    expect(rule(device, "WR PRE bank")).toBe("34 = nWL + nBL + nWR");
    expect(rule(device, "WRA ACT bank")).toBe("51 = nWL + nBL + nWR + nRP");
    expect(rule(device, "RDA ACT bank")).toBe("26 = nAL + nRTP + nRP");
    expect(rule(device, "ACT ACT bank")).toBe("56 = nRC");
    expect(rule(device, "ACT WR bank")).toBe("17 = nRCD - nAL");
    expect(rule(device, "RD PDE rank")).toBe("22 = nRL + nBL + 1");
    expect(rule(device, "PDX RD rank")).toBe("8 = nXP");
  });

  it("lead into power-down as JESD79-4D lists: tACTPDEN = tPRPDEN = tREFPDEN = 2, tWRPDEN 12 + 4 + 18, and one more for WRA", () => {
    for (const before of ["ACT", "PRE", "REF"]) expect(rule(device, `${before} PDE rank`)).toBe("2 = 2");
    expect(rule(device, "RDA PDE rank")).toBe("22 = nRL + nBL + 1");
    expect(rule(device, "WR PDE rank")).toBe("34 = nWL + nBL + nWR");
    expect(rule(device, "WRA PDE rank")).toBe("35 = nWL + nBL + nWR + 1");
  });

  it("lead out of power-down: tCKE to the exit, tXP from it to everything, self refresh too; tCKE to the next entry", () => {
    expect(rule(device, "PDE PDX rank")).toBe("6 = nCKE");
    expect(rule(device, "PDX PDE rank")).toBe("6 = nCKE");
    for (const after of ["ACT", "PRE", "RD", "RDA", "WR", "WRA", "REF", "SRE"]) {
      expect(rule(device, `PDX ${after} rank`)).toBe("8 = nXP");
    }
    expect(rule(device, "SRX PDE rank")).toBe("432 = nXS");
  });

  it("have none that asks for no distance: 12 + 4 + 1 - 17 cycles from a write to a read of another rank", () => {
    expect(rule(device, "WR RD other-ranks")).toBeUndefined();
  });
});

describe("what is particular to a standard", () => {
  it("is pacing of precharges on LPDDR4 and GDDR, and nowhere else", () => {
    const paced = DEVICES_OF_ALL_STANDARDS.filter(({ rules }) =>
      rules.some(({ preceding, following }) => preceding === "PRE" && following === "PRE"),
    );
    expect([...new Set(paced.map(({ standard }) => standard))].toSorted()).toEqual(["GDDR5", "GDDR6", "LPDDR4"]);
  });

  it("is a second window, of 32 activates, on GDDR; every standard has that of four", () => {
    const windows = Object.entries(DRAM_STANDARDS).map(([name, { activateWindows }]) => {
      return [name, activateWindows.map(({ activates, timing }) => `${activates} ${timing}`)] as const;
    });

    for (const [name, own] of windows) {
      expect([name, own]).toEqual([name, name.startsWith("GDDR") ? ["4 nFAW", "32 n32AW"] : ["4 nFAW"]]);
    }
  });

  it("is a time of their own for reads and writes after an activate on GDDR and HBM", () => {
    const gddr6 = DRAM_DEVICES.GDDR6_8Gb_x16!;
    expect(rule(gddr6, "ACT RD bank")).toBe("24 = nRCDRD - nAL");
    expect(rule(gddr6, "ACT WR bank")).toBe("20 = nRCDWR - nAL");
    expect(rule(DRAM_DEVICES.HBM2_8Gb_x128!, "ACT WR bank")).toBe("14 = nRCDWR - nAL");
  });

  it("refuses a device with two such times where the standard has one", () => {
    const { organization, timings } = DRAM_DEVICES.DDR4_8Gb_x8_2400!;
    expect(() => rulesOf(DRAM_STANDARDS.DDR4!, organization, { ...timings, nRCDWR: 16 })).toThrow(
      /nRCDRD 17 and nRCDWR 16[\s\S]*one nRCD/,
    );
  });

  it("takes the short distances where there is one bank group", () => {
    expect(rule(DRAM_DEVICES.GDDR6_8Gb_x16!, "RD RD same-group")).toBe("3 = max(nBL, nCCDS)");
    expect(rule(DRAM_DEVICES.DDR3_8Gb_x8_1600!, "WR RD same-group")).toBe("18 = nWL + nBL + nWTRS");
  });

  it("is refresh of one bank, which delays the bank by nRFCpb and the others like an activate", () => {
    const lpddr4 = DRAM_DEVICES.LPDDR4_8Gb_x16_2400!;
    expect(rule(lpddr4, "REFpb ACT bank")).toBe("169 = nRFCpb");
    expect(rule(lpddr4, "REFpb ACT rank")).toBe("8 = nRRDS");
  });

  it("is the time from a command to power-down: 1 clock on DDR3, 3 (tCMDCKE) on LPDDR4, of any refresh too", () => {
    expect(rule(DRAM_DEVICES.DDR3_8Gb_x8_1600!, "ACT PDE rank")).toBe("1 = 1");
    expect(rule(DRAM_DEVICES.LPDDR4_8Gb_x16_2400!, "PRE PDE rank")).toBe("3 = 3");
    expect(rule(DRAM_DEVICES.LPDDR4_8Gb_x16_2400!, "REFpb PDE rank")).toBe("3 = 3");
    expect(rule(DRAM_DEVICES.LPDDR4_8Gb_x16_2400!, "PDX REFpb rank")).toBe("10 = nXP");
  });

  it("leaves out rules of commands whose timings the device does not give", () => {
    const { rules } = DRAM_DEVICES.GDDR6_8Gb_x16!;
    expect(rules.filter(({ preceding, following }) => /PD[EX]|REFpb/.test(preceding + following))).toEqual([]);
  });
});

describe("rules of the reference devices", () => {
  const lowPower = /PDE|PDX|REFpb/;

  for (const [name, { device }] of REFERENCE) {
    it(`of ${name} are those of the reference text`, () => {
      const own = device.rules.filter(({ preceding, following }) => !lowPower.test(`${preceding} ${following}`));
      const got = new Map(own.map((each) => [`${each.preceding} ${each.following} ${each.scope}`, each.cycles]));

      expect(got.size).toBe(own.length);
      expect(new Map([...got].toSorted())).toEqual(new Map([...distancesOfTheText(device)].toSorted()));
    });
  }
});
