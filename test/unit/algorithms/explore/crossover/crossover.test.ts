/** Crossover studies of real runs: against separate simulations and hand arithmetic, and what designs are given. */
import { beforeAll, describe, expect, it } from "vitest";
import { studyCrossover } from "../../../../../algorithms/explore/crossover/crossover.js";
import type { CrossoverStudy } from "../../../../../algorithms/explore/crossover/crossover-types.js";
import { planDensities, storesZeros } from "../../../../../algorithms/explore/crossover/density-plan.js";
import { createArray } from "../../../../../hw-models/pe-array/index.js";
import { PRESETS } from "../../../../../hw-models/presets/index.js";
import { createEncoding, parseEncodingChoice } from "../../../../../sim/ir/encodings/index.js";
import { loadDesign } from "../../../../../sim/run/load-design.js";
import { loadNetwork } from "../../../../../sim/run/load-network.js";
import { simulate } from "../../../../../sim/run/simulate.js";

const network = loadNetwork("mlp-1");
const named = async (name: string) => ({ name, design: await loadDesign(name) });
const gaussian = { fidelity: "analytic", distribution: "gaussian" } as const;

describe("a crossover study", () => {
  let study: CrossoverStudy;

  beforeAll(async () => {
    const designs = await Promise.all(["diannao", "cambricon-x"].map(named));
    study = await studyCrossover(await network, designs, { ...gaussian, rival: designs[0]!, densities: [1, 0.3] });
  });

  it("gives ratios of separate simulations, whole and by type", async () => {
    const options = { fidelity: "analytic", storage: "native", values: { distribution: "gaussian" } } as const;
    const { design } = await named("cambricon-x");
    const encoding = "run-length:stepBits=4,density=0.3";
    const sparse = await simulate(await network, design, { ...options, encoding });
    const own = await simulate(await network, design, { ...options, encoding: "dense" });
    const rival = await simulate(await network, (await named("diannao")).design, { ...options, encoding: "dense" });

    const [whole, linear] = study.entries.filter((entry) => entry.design === "cambricon-x");
    const point = whole!.runs[0]!.points[0]!;

    expect(point).toMatchObject({
      density: 0.3,
      cycles: sparse.totals.cycles,
      metadataBits: sparse.totals.metadataBits,
    });
    expect(point.encoding).toBe(encoding);
    expect(point.over.itself.latencyRatio).toBeCloseTo(sparse.totals.cycles / own.totals.cycles, 12);
    expect(point.over.rival.energyRatio).toBeCloseTo(sparse.totals.energyPj / rival.totals.energyPj, 12);
    expect(linear!.scope).toBe("linear");
    expect(linear!.runs[0]!.points[0]!.macs).toBe(sparse.totals.macs);
  });

  it("finds where 12 bits a kept weight cost what 8 bits of all do, on layers that are bound by their weights", () => {
    const { runs } = study.entries.find(({ design, scope }) => design === "cambricon-x" && scope === "linear")!;
    const energy = runs[0]!.crossings.find(({ over, measure }) => over === "rival" && measure === "energy")!;

    // d x (8 + 4) = 8 at d = 0.667; counts of columns and the other energies move it by little.
    expect(energy.verdict).toBe("below");
    expect(energy.largestDensity).toBeGreaterThanOrEqual(0.62);
    expect(energy.largestDensity).toBeLessThanOrEqual(0.67);
    expect(energy.losesAtDensity).toBeCloseTo(energy.largestDensity! + 0.01, 12);
  });

  it("has a design with dense weights never beat itself, and one run for all values of it", () => {
    for (const { runs } of study.entries.filter(({ design }) => design === "diannao")) {
      expect(runs.map(({ values }) => values)).toEqual(["any"]);
      expect(runs[0]!.crossings.map(({ verdict }) => verdict)).toEqual(Array(8).fill("never"));
    }
  });

  it("is the same whatever the order of designs and densities", async () => {
    const designs = await Promise.all(["cambricon-x", "diannao"].map(named));
    const turned = await studyCrossover(await network, designs, {
      ...gaussian,
      rival: designs[1]!,
      densities: [0.3, 1],
    });

    const byName = (entries: CrossoverStudy["entries"]) => entries.toSorted((a, b) => a.design.localeCompare(b.design));
    expect(JSON.stringify(byName(turned.entries))).toBe(JSON.stringify(byName(study.entries)));
  });

  it("gives n of each m the multiples of 1/m, and no densities between them", async () => {
    const designs = [await named("cambricon-x")];
    const { designs: found, entries } = await studyCrossover(await network, designs, {
      ...gaussian,
      rival: await named("diannao"),
      pattern: "nm",
      densities: [0.4, 1],
    });

    expect(found[0]).toMatchObject({ pattern: "nm", group: 4, densities: [0.5, 0.75, 1] });
    expect(found[0]!.stored).toBe("run-length:stepBits=4");
    expect(entries[0]!.runs[0]!.points.map(({ encoding }) => encoding)).toEqual([
      "nm:n=2,m=4",
      "nm:n=3,m=4",
      "nm:n=4,m=4",
    ]);
    expect(entries[0]!.runs[0]!.crossings[0]!.largestDensity).toSatisfy((density: number) => density % 0.25 === 0);
  });

  it("stores weights as told, which an array of dense weights decodes", async () => {
    const designs = [await named("diannao")];
    const { designs: found, entries } = await studyCrossover(await network, designs, {
      ...gaussian,
      rival: designs[0]!,
      densities: [0.2],
      encodings: { diannao: "bitmap" },
    });
    const point = entries[0]!.runs[0]!.points[0]!;

    expect(found[0]!.stored).toBe("bitmap:density=<d>");
    // A bit a weight beside 0.2 x 8 bits: 1 / 2.6.
    expect(point.metadataFraction).toBeCloseTo(1 / 2.6, 3);
    expect(point.over.itself.energyRatio).toBeLessThan(0.6);
  });

  it.each([
    [{ densities: [0.1, 0] }, /above 0, up to 1/],
    [{ densities: [Number.NaN] }, /NaN/],
    [{ densities: [1.5] }, /1\.5/],
    [{ densities: [0.5, 0.5] }, /0\.5 twice/],
    [{ densities: [] }, /no density/],
    [{ marginFraction: 1 }, /from 0 and below 1/],
    [{ resolution: 0.3 }, /1 over a whole number/],
    [{ encodings: { diannao: "pow2" } }, /a form whose size follows the density/],
  ])("refuses %j", async (wrong, message) => {
    const rival = await named("diannao");

    await expect(studyCrossover(await network, [rival], { ...gaussian, rival, ...wrong })).rejects.toThrow(message);
  });
});

describe("every preset", () => {
  it.each(Object.keys(PRESETS))("%s is given weights of a density in a form that exists", async (name) => {
    const { design } = await named(name);
    const plan = planDensities(design, "unstructured");
    const { nativeEncodings } = createArray(design);

    const choice = parseEncodingChoice(plan.encodingAt(0.5, plan.groups[0]));

    expect(() => createEncoding(choice)).not.toThrow();
    expect(storesZeros(design)).toBe(nativeEncodings.every((native) => native === "dense"));
    if (storesZeros(design)) expect(plan.stored).not.toContain("<");
  });
});
