/** Bits of frozen banks: every stretch against a loop over the banks. */
import { expect, it } from "vitest";
import { frozenBits, isFrozen } from "../../../../hw-models/dram/frozen-banks.js";

it("frozen bits of a set are its banks within the stretch, for every stretch over three sets", () => {
  for (let first = 0; first <= 96; first++) {
    for (let end = first; end <= 96; end++) {
      const frozen = { first, end };
      for (const set of [0, 32, 64]) {
        let expected = 0;
        for (let bank = set; bank < set + 32; bank++) {
          if (first <= bank && bank < end) expected |= 2 ** (bank - set);
          if (isFrozen(frozen, bank) !== (first <= bank && bank < end)) expect.fail(`bank ${bank} of ${first}..${end}`);
        }
        if (frozenBits(frozen, set) !== expected) expect.fail(`set ${set}, banks ${first} to ${end}`);
      }
    }
  }
});
