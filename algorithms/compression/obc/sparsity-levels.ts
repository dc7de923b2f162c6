/**
 * The levels of sparsity that a layer is tried at: each leaves nine tenths of what the one before left, and the last is the greatest.
 * Source: Frantar and Alistarh, 'Optimal Brain Compression', NeurIPS 2022: 45 levels to 0.99, 30 to 0.95.
 */
const LEFT = 0.9;

/** @param sparsest the last level, over 0 and under 1 */
export function sparsityLevels(sparsest: number): number[] {
  const levels: number[] = [];
  for (let left = 1; 1 - left < sparsest; left = LEFT ** levels.length) levels.push(1 - left);
  return [...levels, sparsest];
}
