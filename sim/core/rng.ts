/** The only source of randomness: a generator seeded by the user's `--seed` and handed to whoever needs it. */
import seedrandom from "seedrandom";

export interface RandomSource {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform integer in [low, high], both included. */
  integer(low: number, high: number): number;
}

/** A generator that yields the same sequence for the same seed on every machine. */
export function createRandomSource(seed: string | number): RandomSource {
  const generator = seedrandom(String(seed));
  return {
    uniform: () => generator(),
    integer: (low, high) => low + Math.floor(generator() * (high - low + 1)),
  };
}
