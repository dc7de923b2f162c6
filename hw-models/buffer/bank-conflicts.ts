/**
 * Bank conflicts of one vector access. A buffer has `banks` banks of rows of `widthBytes`; consecutive rows lie in
 * consecutive banks, and a bank serves `ports` rows a cycle. The access takes as many cycles as its busiest bank needs.
 * Two elements in one row cost one access. Left out: conflicts between different requesters of one buffer.
 */
import { ceilDiv } from "../../sim/core/integers.js";
import type { SramParameters } from "./buffer-parameters.js";

/** What one vector access costs. */
export interface VectorAccess {
  /** Rows read or written. */
  readonly rowAccesses: number;
  readonly cycles: number;
}

/** Access to `elements` that lie next to each other, starting at a row boundary. */
export function contiguousAccess(sram: SramParameters, elements: number, bitsPerElement: number): VectorAccess {
  const rowAccesses = ceilDiv(elements * bitsPerElement, 8 * sram.widthBytes);
  return { rowAccesses, cycles: ceilDiv(ceilDiv(rowAccesses, sram.banks), sram.ports) };
}

/** Access to elements at the given byte addresses, in any order. */
export function scatteredAccess(sram: SramParameters, byteAddresses: readonly number[]): VectorAccess {
  const rows = new Set<number>();
  for (const address of byteAddresses) rows.add(Math.floor(address / sram.widthBytes));
  const perBank = new Map<number, number>();
  let busiest = 0;
  for (const row of rows) {
    const bank = row % sram.banks;
    const load = (perBank.get(bank) ?? 0) + 1;
    perBank.set(bank, load);
    busiest = Math.max(busiest, load);
  }
  return { rowAccesses: rows.size, cycles: Math.max(1, ceilDiv(busiest, sram.ports)) };
}
