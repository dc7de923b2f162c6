/** Timing gates generated from each device's rules: refused at cycle n-1, accepted at n. */
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { BankTiming } from "../../../../hw-models/dram/bank-timing.js";
import { ACT, COMMANDS } from "../../../../hw-models/dram/commands.js";
import type { DramDevice, RuleScope } from "../../../../hw-models/dram/device.js";
import { readReferenceDevices } from "../../../../sim/validate/dram/dram-reference.js";

const DEVICES = await readReferenceDevices(
  fileURLToPath(new URL("../../../fixtures/dram/dram-devices.json", import.meta.url)),
);
const START = 1000;

/** Scopes of rules that hold for `to` after a command to `from`. */
function scopesBetween(device: DramDevice, from: number, to: number): RuleScope[] {
  const { bankGroups, banksPerGroup } = device.organization;
  const rank = (bank: number): number => Math.floor(bank / (bankGroups * banksPerGroup));
  const group = (bank: number): number => Math.floor(bank / banksPerGroup);
  if (rank(from) !== rank(to)) return ["other-ranks"];
  if (group(from) !== group(to)) return ["other-groups", "rank"];
  return from === to ? ["bank", "same-group", "rank"] : ["same-group", "rank"];
}

describe("timing gates", () => {
  for (const [name, { device }] of DEVICES) {
    if (name.includes("+")) continue;
    it(`of ${name} open exactly when their rules say`, () => {
      const { ranks, bankGroups, banksPerGroup } = device.organization;
      const targets = [0, 1, banksPerGroup, bankGroups * banksPerGroup].filter(
        (bank) => bank < ranks * bankGroups * banksPerGroup,
      );
      let gates = 0;
      for (const [before, preceding] of COMMANDS.entries()) {
        for (const to of targets) {
          const timing = new BankTiming(device);
          timing.issue(before, 0, START);
          const scopes = scopesBetween(device, 0, to);
          for (const [after, following] of COMMANDS.entries()) {
            const distances = device.rules
              .filter(
                (rule) => rule.preceding === preceding && rule.following === following && scopes.includes(rule.scope),
              )
              .map((rule) => rule.cycles);
            const opens = distances.length === 0 ? 0 : START + Math.max(...distances);
            expect(timing.earliest(after, to), `${preceding} -> ${following} to bank ${to}`).toBe(opens);
            gates += distances.length;
          }
        }
      }
      expect(gates).toBeGreaterThan(50);
    });

    it(`of ${name} let four activates into a window of nFAW and make the fifth wait`, () => {
      const timing = new BankTiming(device);
      const { nFAW, nRRDS, nRRDL } = device.timings;
      const { bankGroups, banksPerGroup } = device.organization;
      const bank = (index: number): number => (index % bankGroups) * banksPerGroup + Math.floor(index / bankGroups);
      let cycle = START;
      for (let index = 0; index < 4; index++) {
        cycle = Math.max(cycle, timing.earliest(ACT, bank(index)));
        timing.issue(ACT, bank(index), cycle);
      }

      const fifth = timing.earliest(ACT, bank(4));

      expect(fifth).toBeGreaterThanOrEqual(START + nFAW);
      expect(fifth).toBeLessThanOrEqual(Math.max(START + nFAW, cycle + Math.max(nRRDS, nRRDL)));
    });
  }

  it("are open again after a reset", () => {
    const { device } = DEVICES.get("DDR4_8Gb_x8_2400")!;
    const timing = new BankTiming(device);
    for (let index = 0; index < 40; index++) timing.issue(ACT, index % 32, START + index);

    timing.reset();

    for (const [command] of COMMANDS.entries()) expect(timing.earliest(command, 0)).toBe(0);
  });
});
