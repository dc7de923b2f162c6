/** The contract of every registered DRAM device and standard. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AddressMap } from "../../../../hw-models/dram/address-map.js";
import { describeDramDevice } from "../../../../hw-models/dram/describe-device.js";
import { DRAM_DEVICES, DRAM_STANDARDS } from "../../../../hw-models/dram/index.js";
import { sourceOf } from "../../../../hw-models/dram/preset.js";
import { rulesOf } from "../../../../hw-models/dram/standards/standard.js";
import { findName } from "../../../../sim/core/registry.js";
import { DEVICES_OF_ALL_STANDARDS } from "../../../helpers/dram-devices.js";

const GIBIBYTE = 2 ** 30;

type Entry = Readonly<Record<string, number>>;
const GIVEN = JSON.parse(
  readFileSync(new URL("../../../fixtures/dram/dram-devices.json", import.meta.url), "utf8"),
) as Readonly<Record<string, Entry>>;

/** Names in the given configuration of what the presets call otherwise. */
function givenTiming(entry: Entry, name: string): number | undefined {
  if (name === "nREFI") return entry.tREFI_effective;
  if (name === "nBL") return entry.burst_cycles;
  if (name === "nRCDRD" || name === "nRCDWR") return entry[name.replace("n", "t")] ?? entry.tRCD;
  return entry[name.replace(/^n/, "t").replace(/(RRD|WTR|CCD)([SL])$/, "$1_$2")] ?? entry[name.replace(/^n/, "")];
}

describe("every DRAM standard", () => {
  for (const [name, standard] of Object.entries(DRAM_STANDARDS)) {
    it(`${name} has a rule for each of its commands, and none for others`, () => {
      const spoken = standard.constraints.flatMap(({ preceding, following }) => [...preceding, ...following]);
      const known: readonly string[] = standard.commands;

      expect(standard.name).toBe(name);
      expect(standard.source).toMatch(/^JEDEC JESD\d/);
      expect(known.filter((command) => !spoken.includes(command as never))).toEqual([]);
      // A shared group may speak of a command that the standard does not have; it makes no rule then.
      const device = DEVICES_OF_ALL_STANDARDS.find((candidate) => candidate.standard === name)!;
      const timings = { ...device.timings, nXP: 7, nCKE: 7, nRFCpb: 99 };
      const ruled = rulesOf(standard, device.organization, timings).flatMap(({ preceding, following }) => [
        preceding,
        following,
      ]);
      expect([...new Set<string>(ruled)].toSorted()).toEqual([...known].toSorted());
    });
  }
});

describe("every DRAM device", () => {
  for (const [name, device] of Object.entries(DRAM_DEVICES)) {
    const { organization, timings, currents } = device;

    it(`${name} is found by its name in any case, and has a standard`, () => {
      expect(device.name).toBe(name);
      expect(findName(DRAM_DEVICES, name.toLowerCase())).toBe(name);
      expect(DRAM_STANDARDS[device.standard]).toBeDefined();
    });

    it(`${name} has the numbers of the given configuration, but where another source is named`, () => {
      const given = GIVEN[name]!;
      for (const [timing, cycles] of Object.entries(timings)) {
        if (timing === "tCKps") expect(cycles).toBeCloseTo(given.tCK_ns! * 1000, 9);
        else if (device.fieldSources[`timings.${timing}`] === undefined) {
          expect([timing, cycles]).toEqual([timing, givenTiming(given, timing)]);
        }
      }
      for (const [current, amperes] of Object.entries(currents)) {
        if (device.fieldSources[`currents.${current}`] !== undefined) continue;
        expect([current, amperes]).toEqual([current, given[current === "IDD6" ? "IDD6x" : current]]);
      }
      expect(organization).toEqual({
        channels: given.channels,
        ranks: given.ranks,
        bankGroups: given.bankgroups,
        banksPerGroup: given.banks_per_group,
        rows: given.rows,
        burstsPerRow: given.columns! / given.BL!,
        requestBytes: given.request_bytes,
        devicesPerRank: given.devices_per_rank,
      });
      expect(device.mapping).toBe(given.address_mapping);
      expect(device.controller.dualCommand ?? false).toBe(given.hbm_dual_command);
    });

    it(`${name} moves bytes per burst in the time of a burst, which is pins times rate`, () => {
      const burstSeconds = timings.nBL * timings.tCKps * 1e-12;
      const peak = (organization.channels * organization.requestBytes) / burstSeconds;
      const ofPins = (organization.channels * device.busWidthBits * device.transfersPerSecond) / 8;

      expect(device.peakBandwidthBytesPerSecond / peak).toBeCloseTo(1, 12);
      expect(ofPins / peak).toBeCloseTo(1, 12);
    });

    it(`${name} is covered by its address map: the last byte lies in the last place, and the next one wraps`, () => {
      const map = new AddressMap(organization, device.mapping);
      const place = { channel: -1, rank: -1, bankGroup: -1, bank: -1, row: -1, column: -1 };
      map.decode(device.capacityBytes - 1, place);

      expect(place).toEqual({
        channel: organization.channels - 1,
        rank: organization.ranks - 1,
        bankGroup: organization.bankGroups - 1,
        bank: organization.banksPerGroup - 1,
        row: organization.rows - 1,
        column: organization.burstsPerRow - 1,
      });
      map.decode(device.capacityBytes, place);
      expect(Object.values(place)).toEqual([0, 0, 0, 0, 0, 0]);
    });

    it(`${name} has a unit, a meaning and a source for every number`, () => {
      const { organization: places, timings: times, currents: amperes } = describeDramDevice(device);
      const described = [...places, ...times, ...amperes].map(({ name: field }) => field);

      for (const field of Object.keys({ ...organization, ...timings, ...currents })) expect(described).toContain(field);
      for (const { meaning, source, value, name: field } of [...places, ...times, ...amperes]) {
        expect([field, meaning.length > 5, source.length > 10]).toEqual([field, true, true]);
        expect(Number.isFinite(value)).toBe(true);
      }
      for (const path of Object.keys(device.fieldSources)) {
        const [part, field] = path.split(".") as ["timings" | "currents", string];
        expect([path, Object.keys(device[part])]).toEqual([path, expect.arrayContaining([field])]);
        expect(sourceOf(device, path)).not.toBe(device.source);
      }
    });
  }

  it("refreshes DDR3-1600 every 7.8 us: 6240 cycles of 1.25 ns", () => {
    expect(DRAM_DEVICES.DDR3_8Gb_x8_1600!.timings.nREFI * 1.25).toBe(7800);
  });

  it("has the capacity of its parts: GDDR6 8 devices of 8 Gb, DDR3 and DDR4 16 of 8 Gb, HBM2 8 channels of 8 Gb", () => {
    const capacity = (name: string): number => DRAM_DEVICES[name]!.capacityBytes / GIBIBYTE;

    expect(capacity("GDDR6_8Gb_x16")).toBe(8);
    expect(capacity("DDR3_8Gb_x8_1600")).toBe(16);
    expect(capacity("DDR4_8Gb_x8_2400")).toBe(16);
    expect(capacity("LPDDR4_8Gb_x16_2400")).toBe(8);
    expect(capacity("HBM2_8Gb_x128")).toBe(8);
  });

  it("has the data rates that the parts are sold by, to the rounding of tCK", () => {
    const gigatransfers = (name: string): number => DRAM_DEVICES[name]!.transfersPerSecond / 1e9;

    expect(gigatransfers("DDR3_8Gb_x8_1600")).toBeCloseTo(1.6, 9);
    expect(gigatransfers("DDR4_8Gb_x8_2400")).toBeCloseTo(2.4, 1);
    expect(gigatransfers("LPDDR4_8Gb_x16_2400")).toBeCloseTo(2.4, 1);
    expect(gigatransfers("HBM2_8Gb_x128")).toBeCloseTo(2, 9);
    // Micron's 8 Gb GDDR6 brief: a clock of 1.5 GHz makes 12 Gb/s a pin.
    expect(gigatransfers("GDDR6_8Gb_x16")).toBeCloseTo(12.1, 1);
  });
});
