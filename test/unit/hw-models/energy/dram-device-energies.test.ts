/** Energies of a DRAM device's actions against the energy per event that the reference simulator works with. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DRAM_DEVICES } from "../../../../hw-models/dram/index.js";
import { dramDeviceClasses, dramPipeClasses } from "../../../../hw-models/energy/dram-device-energies.js";

/** In volts x milliamperes x cycles, of all devices of a rank. */
interface ReferenceDevice {
  readonly tCK_ns: number;
  readonly request_bytes: number;
  readonly energy_per_event: Readonly<
    Record<
      "act" | "read" | "write" | "ref" | "act_standby_per_cycle" | "pre_standby_per_cycle" | "sref_per_cycle",
      number
    >
  >;
}
const REFERENCE = JSON.parse(
  readFileSync(new URL("../../../fixtures/dram/dram-devices.json", import.meta.url), "utf8"),
) as Readonly<Record<string, ReferenceDevice>>;

describe("actions of a DRAM device", () => {
  for (const name of ["DDR3_8Gb_x8_1600", "DDR4_8Gb_x8_2400", "LPDDR4_8Gb_x16_2400", "HBM2_8Gb_x128"]) {
    it(`cost what the reference simulator charges for its events (${name})`, () => {
      const { tCK_ns, request_bytes, energy_per_event: event } = REFERENCE[name]!;
      const classes = dramDeviceClasses(DRAM_DEVICES[name]!);

      expect(classes.dramIfmapActivates.nominalPj).toBeCloseTo(event.act * tCK_ns, 6);
      expect(classes.dramWeightReadBytes.nominalPj).toBeCloseTo((event.read * tCK_ns) / request_bytes, 6);
      expect(classes.dramOfmapWriteBytes.nominalPj).toBeCloseTo((event.write * tCK_ns) / request_bytes, 6);
      expect(classes.dramRefreshes.nominalPj / (event.ref * tCK_ns)).toBeCloseTo(1, 9);
      expect(classes.dramActiveStandbyCycles.nominalPj).toBeCloseTo(event.act_standby_per_cycle * tCK_ns, 6);
      expect(classes.dramPrechargeStandbyCycles.nominalPj).toBeCloseTo(event.pre_standby_per_cycle * tCK_ns, 6);
      expect(classes.dramSelfRefreshCycles.nominalPj).toBeCloseTo(event.sref_per_cycle * tCK_ns, 6);
    });
  }

  it("say their formula, their currents' source, and have no figure for what cannot be counted", () => {
    const classes = dramDeviceClasses(DRAM_DEVICES.LPDDR4_8Gb_x16_2400!);

    expect(classes.dramWeightActivates.sources[0]?.source).toMatch(/^IDD0 x nRC .*Micron TN-41-01.*DRAMsim3/);
    expect(classes.dramWeightReadBytes.sources[0]).toMatchObject({ unit: "pJ/byte" });
    expect(classes.dramActivePowerDownCycles.sources).toEqual([]);
  });

  it("are in the figure per byte of a pipe", () => {
    const byte = { nominalPj: 36, lowPj: 20, highPj: 80, sources: [] };
    const classes = dramPipeClasses(byte);

    expect(classes.dramPsumWriteBytes).toBe(byte);
    expect(classes.dramRefreshes.nominalPj).toBe(0);
  });
});
