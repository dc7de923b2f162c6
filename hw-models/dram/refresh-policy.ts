/** How a rank is refreshed: all banks at once, one after the other while the rest work, or not at all. */
import { REF, REFPB } from "./commands.js";
import type { ControllerParameters } from "./controller-parameters.js";

/**
 * Contract: in every nREFI / refreshRate cycles each bank is refreshed once. A refresh covers `banksAtOnce` banks that follow
 * each other, and a rank's banks are a whole number of such stretches.
 */
export interface RefreshPolicy {
  /** Command that refreshes. */
  readonly command: number;
  /** Banks that one refresh covers, of the banks of a rank. */
  banksAtOnce(banksPerRank: number): number;
  /** Cycles between two refreshes of a channel that takes so many to cover; infinite when it needs none. */
  intervalCycles(nREFI: number, refreshesPerRound: number): number;
}

function atRate(refreshRate: number): RefreshPolicy["intervalCycles"] {
  return (nREFI, refreshesPerRound) => Math.floor(nREFI / refreshRate / refreshesPerRound);
}

/** All banks of a rank at once, ranks in turn. */
export function allBankRefresh(refreshRate: number): RefreshPolicy {
  return { command: REF, banksAtOnce: (banksPerRank) => banksPerRank, intervalCycles: atRate(refreshRate) };
}

/** One bank at a time, ranks in turn. */
export function perBankRefresh(refreshRate: number): RefreshPolicy {
  return { command: REFPB, banksAtOnce: () => 1, intervalCycles: atRate(refreshRate) };
}

/** Never: for a device that is refreshed by other means. */
export function noRefresh(): RefreshPolicy {
  return { ...allBankRefresh(1), intervalCycles: () => Number.POSITIVE_INFINITY };
}

export function createRefreshPolicy({ refresh, refreshRate }: ControllerParameters): RefreshPolicy {
  switch (refresh) {
    case "all-bank":
      return allBankRefresh(refreshRate);
    case "per-bank":
      return perBankRefresh(refreshRate);
    case "none":
      return noRefresh();
  }
}
