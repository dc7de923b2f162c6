/**
 * How long after a column command with auto-precharge the bank precharges itself, by standard: read to precharge, or the
 * write's data and its recovery. In cycles of the memory clock, all integers. Source: JESD79-4, JESD79-5, JESD209-4,
 * JESD209-5, as DRAMPower 6 reads them.
 */

export interface AutoPrechargeDelays {
  readonly nRDAtoPRE: number;
  readonly nWRAtoPRE: number;
}

interface WriteTimings {
  readonly nWL: number;
  readonly nWR: number;
}

const LPDDR4_SHORT_BURST = 16;
const LPDDR4_LONG_BURST_CYCLES = 8;

/** @param nAL additive latency, which DDR5 does not have */
export function ddrAutoPrecharge(
  { nWL, nWR, nRTP, nAL }: WriteTimings & { readonly nRTP: number; readonly nAL: number },
  burstBeats: number,
  beatsPerClock: number,
): AutoPrechargeDelays {
  return { nRDAtoPRE: nAL + nRTP, nWRAtoPRE: Math.floor(burstBeats / beatsPerClock) + nWL + nWR };
}

/** A burst other than the usual 16 beats keeps the row for 8 cycles more. */
export function lpddr4AutoPrecharge(
  { nWL, nWR, nRTP }: WriteTimings & { readonly nRTP: number },
  burstBeats: number,
): AutoPrechargeDelays {
  const longBurst = burstBeats === LPDDR4_SHORT_BURST ? 0 : LPDDR4_LONG_BURST_CYCLES;
  return { nRDAtoPRE: nRTP + longBurst, nWRAtoPRE: nWL + Math.floor(burstBeats / 2) + nWR + 1 };
}

/**
 * LPDDR5 and LPDDR6.
 * @param beatsPerDataClock beats in one cycle of the data clock WCK
 * @param dataClockRatio cycles of WCK in one of the memory clock
 */
export function lpddr5AutoPrecharge(
  { nWL, nWR, nRBTP }: WriteTimings & { readonly nRBTP: number },
  burstBeats: number,
  beatsPerDataClock: number,
  dataClockRatio: number,
): AutoPrechargeDelays {
  const burstCycles = Math.floor(burstBeats / (beatsPerDataClock * dataClockRatio));
  return { nRDAtoPRE: burstCycles + nRBTP, nWRAtoPRE: nWL + burstCycles + 1 + nWR };
}
