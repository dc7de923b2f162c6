/** Banks that may take no command for a request, since they wait for a refresh: a stretch of bank numbers. */

export interface FrozenBanks {
  /** First frozen bank, and the one after the last; equal when none is. */
  first: number;
  end: number;
}

const BANKS_OF_SET = 32;

export function isFrozen(frozen: FrozenBanks, bank: number): boolean {
  return bank >= frozen.first && bank < frozen.end;
}

/** Bits of the frozen banks in a set of 32 that starts at a bank. */
export function frozenBits(frozen: FrozenBanks, first: number): number {
  if (frozen.end <= first || frozen.first >= first + BANKS_OF_SET) return 0;
  const from = Math.max(0, frozen.first - first);
  const to = Math.min(BANKS_OF_SET, frozen.end - first);
  return (to === BANKS_OF_SET ? -1 : (1 << to) - 1) & ~((1 << from) - 1);
}
