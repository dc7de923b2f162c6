/** Suggests the name that a mistyped word most likely meant. */
import { distance } from "fastest-levenshtein";

const MAX_COMPARED_CHARACTERS = 64;

/** The candidate nearest to `word`, or undefined when none is close enough to be a typing slip. */
export function nearestSpelling(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MAX_COMPARED_CHARACTERS) return undefined;
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate.length > MAX_COMPARED_CHARACTERS) continue;
    const edits = distance(lower, candidate.toLowerCase());
    if (edits < bestDistance) {
      best = candidate;
      bestDistance = edits;
    }
  }
  return best;
}
