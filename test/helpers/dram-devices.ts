/** Devices of every DRAM standard for tests: the registered ones, and made-up ones of the standards that have no preset. */
import type { DramDevice, DramOrganization, DramTimings } from "../../hw-models/dram/device.js";
import { DRAM_DEVICES, DRAM_STANDARDS } from "../../hw-models/dram/index.js";
import { rulesOf } from "../../hw-models/dram/standards/standard.js";

/** Every timing has a value of its own, so that a rule that takes the wrong one shows. */
const TIMINGS: DramTimings = {
  tCKps: 1000,
  nBL: 2,
  nAL: 0,
  nCL: 14,
  nCWL: 5,
  nRCDRD: 13,
  nRCDWR: 11,
  nRP: 12,
  nRAS: 31,
  nRFC: 260,
  nREFI: 3900,
  nRRDS: 7,
  nRRDL: 8,
  nWTRS: 9,
  nWTRL: 10,
  nFAW: 40,
  nWR: 16,
  nRTP: 6,
  nCCDS: 3,
  nCCDL: 4,
  nRTRS: 1,
  nCKESR: 17,
  nXS: 270,
  nCKE: 18,
  nXP: 19,
  nRFCpb: 120,
};
const ORGANIZATION: DramOrganization = {
  channels: 1,
  ranks: 2,
  bankGroups: 4,
  banksPerGroup: 4,
  rows: 1024,
  burstsPerRow: 32,
  requestBytes: 64,
  devicesPerRank: 1,
};
const CURRENTS = { VDD: 1, IDD0: 60, IDD2N: 30, IDD3N: 40, IDD4R: 200, IDD4W: 200, IDD5AB: 250, IDD6: 20 };

function testDevice(
  standard: string,
  organization: Partial<DramOrganization>,
  timings: Partial<DramTimings>,
): DramDevice {
  const whole = { ...ORGANIZATION, ...organization };
  const numbers = { ...TIMINGS, ...timings };
  return {
    name: `${standard} of the test`,
    standard,
    source: "test",
    organization: whole,
    timings: numbers,
    currents: CURRENTS,
    rules: rulesOf(DRAM_STANDARDS[standard]!, whole, numbers),
  };
}

/** One device at least of every standard, by name. */
export const DEVICES_OF_ALL_STANDARDS: readonly DramDevice[] = [
  ...Object.values(DRAM_DEVICES),
  testDevice("LPDDR3", { bankGroups: 1, banksPerGroup: 8 }, { nRCDWR: 13 }),
  testDevice("GDDR5", {}, { n32AW: 400, nPPD: 3 }),
  testDevice("GDDR5", { bankGroups: 1, banksPerGroup: 16 }, { n32AW: 400, nPPD: 3 }),
  testDevice("HBM1", { channels: 8, ranks: 1 }, { nBL: 1 }),
  testDevice("LPDDR4", {}, { nRCDWR: 13, nPPD: 3 }),
];
