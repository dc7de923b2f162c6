/** Which arrays take weights as they are stored, and that weights made for an encoding lie in its groups. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UnsupportedError } from "../../../../sim/core/errors.js";
import { createEncoding, parseEncodingChoice } from "../../../../sim/ir/encodings/index.js";
import { keepLargestOfGroups, NM_AXES } from "../../../../sim/ir/encodings/nm-groups.js";
import { loadDesign } from "../../../../sim/run/load-design.js";
import { takesAsStored } from "../../../../sim/run/native-storage.js";
import { simulate } from "../../../../sim/run/simulate.js";
import { convNetwork } from "../../../helpers/small-networks.js";
import { drawFrom, linesAlong } from "../../../helpers/structured-weights.js";
import { testDesign } from "../../../helpers/test-design.js";

const layer = (text: string) => ({ name: "conv1", weightEncoding: parseEncodingChoice(text) });

describe("weights as they are stored", () => {
  it("are taken by arrays that know their encoding, and decoded for others", () => {
    expect(takesAsStored({ nativeEncodings: ["dense"] }, layer("dense"))).toBe(true);
    expect(takesAsStored({ nativeEncodings: ["dense"] }, layer("nm:n=2,m=4,axis=columns"))).toBe(false);
    expect(takesAsStored({ nativeEncodings: ["nm"] }, layer("nm:n=2,m=4"))).toBe(true);
    expect(takesAsStored({ nativeEncodings: ["nm"] }, layer("nm:n=2,m=4,metadata=combinatorial"))).toBe(true);
  });

  it("are refused in groups along an axis that the array does not reduce over, with the axis to take", () => {
    const take = (axis: string, axes?: readonly ("filter" | "channels" | "columns")[]) => () =>
      takesAsStored(
        { nativeEncodings: ["nm"], ...(axes && { nativeGroupAxes: axes }) },
        layer(`nm:n=2,m=4,axis=${axis}`),
      );

    expect(take("columns")).toThrow(UnsupportedError);
    expect(take("columns")).toThrow(/layer conv1, encoding nm\.axis[\s\S]*2:4 along axis=columns[\s\S]*axis=filter/);
    expect(take("filter", ["channels"])).toThrow(/axis=filter[\s\S]*axis=channels[\s\S]*nm:n=2,m=4,axis=channels/);
    expect(take("channels", ["filter", "channels"])()).toBe(true);
  });
});

describe("groups of sizes that an array has no form for", () => {
  const kept = (text: string, ...kinds: readonly number[]) =>
    takesAsStored({ nativeEncodings: ["nm"], takesGroups: (n, m) => m === 4 && kinds.includes(n) }, layer(text));

  it("are decoded, as are positions that it does not read", () => {
    expect(kept("nm:n=2,m=4", 2)).toBe(true);
    expect(kept("nm:n=1,m=4", 2)).toBe(false);
    expect(kept("nm:n=1,m=4", 1, 2, 4)).toBe(true);
    expect(kept("nm:n=2,m=8", 1, 2, 4)).toBe(false);
    expect(kept("nm:n=2,m=4,metadata=combinatorial", 2)).toBe(false);
    expect(kept("nm:n=4,m=8,axis=columns", 2)).toBe(false);
  });

  it.each(["sparse-tensor-core", "vegeta"])(
    "are decoded for %s, where those that it has a form for are not",
    async (preset) => {
      const network = convNetwork({ N: 1, G: 1, K: 64, C: 64, H: 14, W: 14, R: 3, S: 3, stride: 1, pad: 1 });
      const run = (encoding: string) => loadDesign(preset).then((design) => simulate(network, design, { encoding }));

      const [dense, taken, decoded] = [await run("dense"), await run("nm:n=2,m=4"), await run("nm:n=2,m=8")];

      expect(taken.layers[0]!.actions.decodedWeights).toBe(0);
      expect(decoded.layers[0]!.actions.decodedWeights).toBe(64 * 64 * 9);
      expect(taken.layers[0]!.cyclesByCause.compute).toBeLessThan(dense.layers[0]!.cyclesByCause.compute);
    },
  );
});

describe("weights made for N:M along an axis", () => {
  it("keep the largest of each group, whichever way the matrix lies", () => {
    const cases = fc.record({
      kernelSize: fc.constantFrom(1, 2, 4),
      channels: fc.integer({ min: 1, max: 6 }),
      columns: fc.integer({ min: 1, max: 6 }),
      m: fc.integer({ min: 1, max: 5 }),
      axis: fc.constantFrom(...NM_AXES),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(cases, ({ kernelSize, channels, columns, m, axis, seed }) => {
        const shape = { reduction: kernelSize * channels, columns, kernelSize, valueBits: 8 };
        const draw = drawFrom(seed);
        const given = Int8Array.from({ length: shape.reduction * columns }, () => draw(250) - 125 || 1);
        const n = 1 + draw(m);
        const kept = given.slice();
        keepLargestOfGroups(kept, shape, { n, m, axis }, (row, column) => row * columns + column);
        const turned = new Int8Array(given.length);
        for (const [at, value] of given.entries()) {
          turned[(at % columns) * shape.reduction + Math.floor(at / columns)] = value;
        }
        keepLargestOfGroups(turned, shape, { n, m, axis }, (row, column) => column * shape.reduction + row);

        for (const line of linesAlong(axis, shape)) {
          for (let from = 0; from < line.length; from += m) {
            const group = line.slice(from, from + m);
            const magnitudes = group.map((place) => Math.abs(given[place]!)).toSorted((a, b) => b - a);
            const left = group.filter((place) => kept[place] !== 0);
            expect(left.length).toBe(Math.min(n, group.length));
            expect(left.map((place) => Math.abs(kept[place]!)).toSorted((a, b) => b - a)).toEqual(
              magnitudes.slice(0, n),
            );
          }
        }
        for (const [at, value] of kept.entries()) {
          expect(turned[(at % columns) * shape.reduction + Math.floor(at / columns)]).toBe(value);
        }
        const encoding = createEncoding({ name: "nm", parameters: { n, m, axis } });
        expect(() => encoding.pack(Int32Array.from(kept), shape)).not.toThrow();
      }),
    );
  });

  // Ten output channels in two groups of five: groups of four reach from one to the other, and over the tiles of small buffers.
  const network = convNetwork({ N: 1, G: 2, K: 5, C: 6, H: 7, W: 7, R: 3, S: 3, stride: 1, pad: 1 });

  it.each(NM_AXES)("run through an array that decodes them: axis=%s", async (axis) => {
    const design = testDesign();
    const tiny = { ...design.buffers.weight, capacityBytes: 256 };
    const small = { ...design, buffers: { ...design.buffers, weight: tiny } };
    const options = { fidelity: "analytic" as const, functional: {}, encoding: `nm:n=2,m=4,axis=${axis}` };

    const { functional } = await simulate(network, small, options);

    expect(functional?.outputsBitExact).toBe(true);
    expect(functional?.tilesRun).toBeGreaterThan(2);
  });

  it.each(["nm:n=1,m=4,axis=columns", "nm:n=1,m=4,axis=channels", "csc:density=0.3", "ellpack:block=2,density=0.5"])(
    "and those of other encodings reach an array that skips zeros: %s",
    async (encoding) => {
      const design = await loadDesign("cambricon-x");
      const values = { distribution: "gaussian" as const };
      const dense = await simulate(network, design, { values, encoding: "dense" });

      const thinned = await simulate(network, design, { values, encoding });

      expect(thinned.layers[0]!.actions.macOps).toBeLessThan(dense.layers[0]!.actions.macOps);
    },
  );
});

describe("a design whose array takes N:M", () => {
  const network = convNetwork({ N: 1, G: 1, K: 8, C: 8, H: 6, W: 6, R: 3, S: 3, stride: 1, pad: 1 });
  const values = { distribution: "gaussian" as const };

  it("refuses groups along the output channels", async () => {
    const run = simulate(network, await loadDesign("sta-dbb"), { values, encoding: "nm:n=4,m=8,axis=columns" });

    await expect(run).rejects.toThrow(/encoding nm\.axis[\s\S]*4:8 along axis=columns[\s\S]*axis=/);
  });
});
