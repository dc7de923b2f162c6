/**
 * Speed of the DRAM controller as `pj dram` runs it: 200 k requests, as many as the queues take, of a trace that is made on
 * the way. The sparse trace is in a file, and so in a process, of its own: code that is compiled for full queues serves it worse.
 */
import { simulateDram } from "picojoule";
import { bench, describe } from "vitest";

const PATTERNS = {
  sequential: "seq:n=200000",
  random: "rand:n=200000,span=0x40000000,seed=21",
  "random, 30 % writes": "rand:n=200000,span=0x40000000,seed=22,wpct=30",
} as const;

const CASES = [
  { device: "DDR4_8Gb_x8_2400", issueWidth: 1, patterns: Object.keys(PATTERNS) as (keyof typeof PATTERNS)[] },
  { device: "HBM2_8Gb_x128", issueWidth: 8, patterns: ["sequential", "random"] },
] as const;

for (const { device, issueWidth, patterns } of CASES) {
  describe(device, () => {
    for (const pattern of patterns) {
      bench(`200 k requests, ${pattern}`, async () => {
        await simulateDram({ pattern: PATTERNS[pattern] }, { device, issueWidth });
      });
    }
  });
}
