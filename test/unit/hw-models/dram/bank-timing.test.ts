/** Timing gates generated from the tables of every standard: refused at cycle n-1, accepted at n. */
import { describe, expect, it } from "vitest";
import { BankTiming } from "../../../../hw-models/dram/bank-timing.js";
import { ACT, COMMANDS } from "../../../../hw-models/dram/commands.js";
import type { DramDevice, RuleScope } from "../../../../hw-models/dram/device.js";
import { DRAM_STANDARDS } from "../../../../hw-models/dram/index.js";
import { DEVICES_OF_ALL_STANDARDS } from "../../../helpers/dram-devices.js";

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
  it("are tried on a device of every standard", () => {
    const tried = new Set(DEVICES_OF_ALL_STANDARDS.map(({ standard }) => standard));

    expect([...tried].toSorted()).toEqual(Object.keys(DRAM_STANDARDS).toSorted());
  });

  for (const [index, device] of DEVICES_OF_ALL_STANDARDS.entries()) {
    const name = `${device.name} (${index})`;

    it(`of ${name} open exactly when their rules say`, () => {
      const { ranks, bankGroups, banksPerGroup } = device.organization;
      const targets = [0, 1, banksPerGroup, bankGroups * banksPerGroup].filter(
        (bank) => bank < ranks * bankGroups * banksPerGroup,
      );
      const used = new Set<DramDevice["rules"][number]>();
      for (const [before, preceding] of COMMANDS.entries()) {
        for (const to of targets) {
          const timing = new BankTiming(device);
          timing.issue(before, 0, START);
          const scopes = scopesBetween(device, 0, to);
          for (const [after, following] of COMMANDS.entries()) {
            const rules = device.rules.filter(
              (rule) => rule.preceding === preceding && rule.following === following && scopes.includes(rule.scope),
            );
            const opens = rules.length === 0 ? 0 : START + Math.max(...rules.map(({ cycles }) => cycles));
            const earliest = timing.earliest(after, to);
            const isLegal = (cycle: number): boolean => earliest <= cycle;

            expect(isLegal(opens), `${preceding} -> ${following} to bank ${to} at ${opens}`).toBe(true);
            expect(isLegal(opens - 1), `${preceding} -> ${following} to bank ${to} before ${opens}`).toBe(false);
            for (const rule of rules) used.add(rule);
          }
        }
      }
      // Every rule was at work in some gate, but those towards groups and ranks that the device does not have.
      const reachable = device.rules.filter(
        ({ scope }) => (scope !== "other-ranks" || ranks > 1) && (scope !== "other-groups" || bankGroups > 1),
      );
      expect(reachable.filter((rule) => !used.has(rule))).toEqual([]);
      expect(used.size).toBeGreaterThan(30);
    });

    for (const { activates, timing: window } of DRAM_STANDARDS[device.standard]!.activateWindows) {
      it(`of ${name} let ${activates} activates into a window of ${window} and make the next one wait`, () => {
        const { bankGroups, banksPerGroup, ranks } = device.organization;
        // A device whose activates are so far apart that the window would never bind is given a window that does.
        const nRRD = Math.max(device.timings.nRRDS, device.timings.nRRDL, device.timings.nFAW);
        const length = activates === 4 ? device.timings.nFAW : activates * nRRD + 7;
        const timings = { ...device.timings, [window]: length };
        const timing = new BankTiming({ ...device, timings, rules: [] });
        const perRank = bankGroups * banksPerGroup;
        // With the rules between commands taken out, activates come as fast as the shorter window lets them.
        const cycles: number[] = [];
        for (let count = 0; count < activates; count++) {
          const cycle = Math.max(START, timing.earliest(ACT, count % perRank));
          timing.issue(ACT, count % perRank, cycle);
          cycles.push(cycle);
        }

        expect(timing.earliest(ACT, 0)).toBe(cycles[0]! + length);
        expect(cycles.at(-1)! - cycles[0]!).toBeLessThan(length);
        if (ranks > 1) expect(timing.earliest(ACT, perRank)).toBe(0);
      });
    }
  }

  it("are open again after a reset", () => {
    const [device] = DEVICES_OF_ALL_STANDARDS;
    const timing = new BankTiming(device!);
    for (let index = 0; index < 40; index++) timing.issue(ACT, index % 16, START + index);

    timing.reset();

    for (const [command] of COMMANDS.entries()) expect(timing.earliest(command, 0)).toBe(0);
  });
});
