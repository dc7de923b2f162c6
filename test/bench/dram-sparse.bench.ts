/** Speed of the DRAM controller where it is mostly idle: 200 k requests, one every 50 cycles, ten million cycles in all. */
import { simulateDram } from "picojoule";
import { bench, describe } from "vitest";

describe("DDR4_8Gb_x8_2400", () => {
  bench("200 k requests, random, one every 50 cycles", async () => {
    const pattern = "rand:n=200000,span=0x40000000,seed=23,gap=50";
    await simulateDram({ pattern }, { device: "DDR4_8Gb_x8_2400", issueWidth: 1 });
  });
});
