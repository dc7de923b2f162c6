/**
 * One level for each layer so that the costs together keep to a budget and the errors together are least: dynamic programming over
 * the budget in 10,000 buckets, each cost rounded to the nearest.
 *
 *     least[layer][b] = min over levels of least[layer - 1][b - cost] + error
 *
 * Rounding may add up to half a bucket a layer: budgets are looked through from there down, for one whose true costs fit.
 * Source: Frantar and Alistarh, 'Optimal Brain Compression', NeurIPS 2022, section 4 (after AdaQuant and SPDY).
 */
const BUCKETS = 10_000;

/** A layer in some compressed form. */
export interface Level {
  readonly cost: number;
  readonly error: number;
}

/**
 * The level chosen for each layer, the first of equal ones.
 * @param budget over 0 @returns undefined when the cheapest levels cost more together
 */
export function allocate<One extends Level>(layers: readonly (readonly One[])[], budget: number): One[] | undefined {
  const size = BUCKETS + Math.ceil(layers.length / 2) + 1;
  const bucketsOf = ({ cost }: Level): number => Math.round((cost / budget) * BUCKETS);
  // Least error of the layers so far at a cost of exactly so many buckets.
  let least = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  least[0] = 0;
  const choices = layers.map((levels) => {
    const next = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
    const choice = new Int32Array(size).fill(-1);
    for (const [index, level] of levels.entries()) {
      const cost = bucketsOf(level);
      for (let bucket = cost; bucket < size; bucket++) {
        const error = least[bucket - cost]! + level.error;
        if (!(error < next[bucket]!)) continue;
        next[bucket] = error;
        choice[bucket] = index;
      }
    }
    least = next;
    return choice;
  });
  const traced = (last: number): One[] => {
    let bucket = last;
    const chosen: One[] = [];
    for (let layer = layers.length - 1; layer >= 0; layer--) {
      const level = layers[layer]![choices[layer]![bucket]!]!;
      chosen.unshift(level);
      bucket -= bucketsOf(level);
    }
    return chosen;
  };
  const rising = Array.from(least, (_, bucket) => bucket)
    .filter((bucket) => least[bucket]! < Number.POSITIVE_INFINITY)
    .sort((a, b) => least[a]! - least[b]! || a - b);
  for (const bucket of rising) {
    const chosen = traced(bucket);
    if (chosen.reduce((sum, { cost }) => sum + cost, 0) <= budget * (1 + Number.EPSILON * layers.length)) return chosen;
  }
  return cheapest(layers, budget);
}

/** The cheapest levels, where they keep to a budget that their rounded costs did not. */
function cheapest<One extends Level>(layers: readonly (readonly One[])[], budget: number): One[] | undefined {
  const chosen = layers.map((levels) => levels.reduce((best, level) => (level.cost < best.cost ? level : best)));
  return chosen.reduce((sum, { cost }) => sum + cost, 0) <= budget ? chosen : undefined;
}
