/** Figures of a crossover study as text: ranges over values, and where a ratio crosses 1. */
import type {
  CrossoverEntry,
  CrossoverMetric,
  CrossoverPoint,
  CrossoverStudy,
  FoundCrossing,
  Opponent,
} from "../algorithms/explore/crossover/crossover-types.js";

/** A comparison that a study makes: what is small where a design wins, and against whom. */
export interface Comparison {
  readonly metric: CrossoverMetric;
  readonly over: Opponent;
  /** `time`, for cycles of designs with clocks of their own, or `energy`. */
  readonly name: "time" | "energy";
  readonly ratioOf: (point: CrossoverPoint) => number;
  readonly isOf: (crossing: FoundCrossing) => boolean;
}

/** The comparisons of the metrics that were asked for. */
export function comparisonsOf({ metrics }: CrossoverStudy): Comparison[] {
  return metrics.flatMap((metric) =>
    (["itself", "rival"] as const).map((over): Comparison => {
      const measure = metric === "cycles" ? "latency" : "energy";
      return {
        metric,
        over,
        name: metric === "cycles" ? "time" : "energy",
        ratioOf: (point) => point.over[over][`${measure}Ratio`],
        isOf: (crossing) => crossing.over === over && crossing.measure === measure,
      };
    }),
  );
}

/** The least and the greatest of some values, once where they look alike. */
export function spanText(values: readonly number[], text: (value: number) => string): string {
  const [least, most] = [text(Math.min(...values)), text(Math.max(...values))];
  return least === most ? least : `${least.replace(/%$/, "")}-${most}`;
}

/** A figure of one density over all values. */
export function figuresAt(
  { runs }: CrossoverEntry,
  index: number,
  figure: (point: CrossoverPoint) => number,
): readonly number[] {
  return runs.map(({ points }) => figure(points[index]!));
}

/**
 * Densities of a design that differ in cost: the last stands for all where the design does not see the density of weights.
 * @returns places of densities, and what each is called
 */
export function shownDensities(
  { entries, designs }: CrossoverStudy,
  design: string,
): readonly { readonly index: number; readonly name: string }[] {
  const { densities } = designs.find(({ name }) => name === design)!;
  const runs = entries.filter((entry) => entry.design === design).flatMap((entry) => entry.runs);
  const isFlat = runs.every(({ points: [first, ...others] }) =>
    others.every(({ cycles, energyPj }) => cycles === first!.cycles && energyPj === first!.energyPj),
  );
  const all = densities.map((density, index) => ({ index, name: densityText(density) }));
  return isFlat && all.length > 1 ? [{ index: all.length - 1, name: "any" }] : all;
}

/** Entries of one scope together, designs in order. */
export function byScope(study: CrossoverStudy): CrossoverEntry[] {
  return scopesOf(study).flatMap((name) => study.entries.filter(({ scope }) => scope === name));
}

/** As `crossingText` of energy, over every set of energy sources too: nominal ones, all lowest, all highest. */
export function energyCrossingText(entry: CrossoverEntry, over: Opponent): string {
  return crossingText(entry, { isOf: (crossing) => crossing.over === over && crossing.measure.startsWith("energy") });
}

/** Where a design stops winning, over all values: `never`, `0.41-0.46`, `always`; `*` where a smaller density loses too. */
export function crossingText({ runs }: CrossoverEntry, { isOf }: Pick<Comparison, "isOf">): string {
  const found = runs.flatMap(({ crossings }) => crossings.filter(isOf));
  const names = found
    .toSorted((a, b) => rankOf(a) - rankOf(b))
    .map(({ verdict, largestDensity = 0 }) =>
      verdict === "never" || verdict === "always" ? verdict : densityText(largestDensity),
    );
  const [least, most] = [names[0]!, names.at(-1)!];
  const isOdd = found.some(({ verdict }) => verdict === "above" || verdict === "mixed");
  return `${least === most ? least : `${least}-${most}`}${isOdd ? "*" : ""}`;
}

function rankOf({ verdict, largestDensity = 0 }: FoundCrossing): number {
  return verdict === "always" ? Number.POSITIVE_INFINITY : largestDensity;
}

/** A density with no more digits than it needs. */
export function densityText(density: number): string {
  return String(Number(density.toPrecision(4)));
}

/** Scopes in the order in which they come. */
export function scopesOf({ entries }: CrossoverStudy): string[] {
  return [...new Set(entries.map(({ scope }) => scope))];
}
