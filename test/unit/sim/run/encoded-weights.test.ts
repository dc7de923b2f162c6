import { describe, expect, it } from "vitest";
import { runNetwork } from "../../../../sim/run/run-network.js";
import { convNetwork } from "../../../helpers/small-networks.js";
import { testDesign } from "../../../helpers/test-design.js";

/** Two groups of 3 input and 4 output channels, 3x3: a matrix of 27 rows and 2 * 4 columns, 216 weights of 8 bits. */
const GROUPED = { N: 1, G: 2, K: 4, C: 3, H: 6, W: 6, R: 3, S: 3, stride: 1, pad: 1 };
const MACS = 216 * 36;

async function workOf(encoding: string) {
  const { works } = await runNetwork(convNetwork(GROUPED), testDesign(), { encoding });
  const { weightBits, metadataBits, effectualMacs } = works[0]!;
  return { weightBits, metadataBits, effectualMacs };
}

describe("a run with encoded weights", () => {
  it.each([
    ["dense:valueBits=4", 216 * 4, 0, MACS],
    // 27 = 6 groups of 4 and one of 3: 14 values a column with positions of 2 bits; a scale of 32 bits a column.
    ["nm:n=2,m=4,scales=channel", 14 * 8 * 8, 14 * 8 * 2 + 8 * 32, (MACS * 112) / 216],
    // As many values; six groups of C(4, 2) = 6 sets in 3 bits, one of C(3, 2) = 3 in 2 bits.
    ["nm:n=2,m=4,metadata=combinatorial", 14 * 8 * 8, (6 * 3 + 2) * 8, (MACS * 112) / 216],
    // 9 positions of 3 channels, all of them kept but one: 2 in a group, at 2 bits.
    ["nm:n=2,m=4,axis=channels", 18 * 8 * 8, 18 * 8 * 2, (MACS * 144) / 216],
    // 27 rows of 8 output channels in 2 groups.
    ["nm:n=2,m=4,axis=columns", 27 * 4 * 8, 27 * 4 * 2, MACS / 2],
    // 27 pointers of 8 bits, 54 output channels of 3 bits.
    ["csc:density=0.25", 54 * 8, 27 * 8 + 54 * 3, MACS / 4],
    // ceil(0.25 * 7) = 2 blocks of 4 x 4 for each of 2 rows of blocks; the length and 4 numbers of 3 bits (0 to 7).
    ["ellpack:density=0.25", 2 * 4 * 8 * 8, 5 * 3, (MACS * 64) / 216],
    ["bitmap:density=0.25", 54 * 8, 216, MACS / 4],
    // 8 pointers of 8 bits (0 to 216), 54 rows of 5 bits (0 to 26).
    ["csr:density=0.25", 54 * 8, 8 * 8 + 54 * 5, MACS / 4],
    // (3/4)^4 = 0.316: 54 / 0.684 = 79 stored values, 25 of them zeros; 8 counts of 5 bits (0 to 27), steps of 2.
    ["run-length:stepBits=2,density=0.25", 79 * 8, 8 * 5 + 79 * 2, (MACS * 79) / 216],
    ["pow2:bits=5", 216 * 5, 5, MACS],
    ["apot:bits=5,scales=tensor,scaleFormat=fp16", 216 * 5, 5 + 16, MACS],
    ["codebook:bits=3", 216 * 3, 8 * 8, MACS],
    // round(0.5 * 9) = 5 of 9 positions; 2 by 2 blocks of 2 input and 4 output channels.
    ["block-punched:channels=2,filters=4,density=0.5", 120 * 8, 4 * 9, (MACS * 5) / 9],
    // 24 kernels of 4 values; 8 masks of 9 bits, and a number of 3 bits a kernel.
    ["pattern", 24 * 4 * 8, 8 * 9 + 24 * 3, (MACS * 4) / 9],
    // 4 of 8 outputs: a count of 4 bits, numbers of 3; all 3 inputs: a count of 2 bits, numbers of 2.
    ["channel:density=0.5", 108 * 8, 4 + 4 * 3 + 2 + 3 * 2, MACS / 2],
  ])("stores %s in %i bits of values and %i of metadata", async (encoding, weightBits, metadataBits, effectualMacs) => {
    expect(await workOf(encoding)).toEqual({ weightBits, metadataBits, effectualMacs });
  });

  it("asks for a density where the size depends on values that are not there", async () => {
    await expect(workOf("csr")).rejects.toThrow(/encoding\.csr\.density[\s\S]*csr:density=0\.3/);
  });
});
