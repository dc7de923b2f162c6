/** Sources said once and referred to by number, as papers do. */

interface Sourced {
  readonly source: string;
}

export interface NumberedSources {
  /** `[2]` for an item. */
  readonly numberOf: (item: Sourced) => string;
  /** Each number with its source, in the order of first use. */
  readonly pairs: readonly (readonly [number: string, source: string])[];
}

export function numberedSources(items: readonly Sourced[]): NumberedSources {
  const numbers = new Map<string, string>();
  for (const { source } of items) if (!numbers.has(source)) numbers.set(source, `[${numbers.size + 1}]`);
  return {
    numberOf: ({ source }) => numbers.get(source) ?? "",
    pairs: [...numbers].map(([source, number]) => [number, source] as const),
  };
}
