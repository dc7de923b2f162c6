/** Networks of 2 and 4 bits on the arrays that gain by them: drawn values of that width, the kernels' bits, and less time. */
import { describe, expect, it } from "vitest";
import { type Design, designTable } from "../../hw-models/design.js";
import { buildNetwork } from "../../sim/ir/networks/build.js";
import { loadDesign } from "../../sim/run/load-design.js";
import { simulate } from "../../sim/run/simulate.js";

const NETWORK = buildNetwork("lenet5", {});

async function withWidth(preset: string, bits: number): Promise<Design> {
  const design = await loadDesign(preset);
  return designTable.parse({ ...design, peArray: { ...design.peArray, activationBits: bits, weightBits: bits } });
}

async function run(preset: string, bits: number, encoding: string) {
  const values = { distribution: "gaussian" } as const;
  const functional = { macsPerLayer: 5000 };
  return simulate(NETWORK, await withWidth(preset, bits), { fidelity: "analytic", encoding, functional, values });
}

describe.each(["shift-add", "bit-fusion", "bit-serial"])("%s", (preset) => {
  it("has the kernels' bits for operands of 2, 4 and 8 bits, the faster the narrower", async () => {
    const cycles: number[] = [];
    for (const bits of [2, 4, 8]) {
      const { layers, totals } = await run(preset, bits, "dense");
      const ran = layers.flatMap(({ functional }) => functional ?? []);
      expect(ran.length).toBe(5);
      expect(ran.every(({ outputsBitExact }) => outputsBitExact)).toBe(true);
      expect(layers[0]!.precision).toMatch(new RegExp(`^int${bits} .* x int${bits} `));
      cycles.push(totals.cycles);
    }

    expect(cycles).toEqual([...new Set(cycles)].toSorted((one, other) => one - other));
  });
});

describe("weights on levels", () => {
  it.each([
    ["shift-add", "pow2"],
    ["shift-add", "apot"],
    ["shift-add", "apot:bits=5"],
    ["bit-fusion", "dense:valueBits=2"],
    ["bit-serial", "pow2"],
  ])("have the kernels' bits on %s as %s", async (preset, encoding) => {
    const { layers } = await run(preset, 8, encoding);

    expect(layers.flatMap(({ functional }) => functional ?? []).every(({ outputsBitExact }) => outputsBitExact)).toBe(
      true,
    );
  });

  it("tell Bit Fusion how wide they are: 2 bits for three levels, 8 for powers up to 64", async () => {
    const bricks = async (encoding: string): Promise<number> => {
      const values = { distribution: "gaussian" } as const;
      const design = await loadDesign("bit-fusion");
      const { layers } = await simulate(NETWORK, design, { fidelity: "analytic", encoding, values });
      return layers.reduce((sum, { actions }) => sum + actions.brickOps, 0);
    };

    // 4 digits of an activation with one of a weight of -1, 0 or 1, and with four of one of up to 64.
    expect(await bricks("pow2:bits=4")).toBe(4 * (await bricks("pow2:bits=2")));
  });
});
