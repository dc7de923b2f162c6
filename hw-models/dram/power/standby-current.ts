/**
 * Background current of a device by the number of its open banks. A line through two measured points: IDD2N with none open,
 * and IDD3N, which DDR measures with all banks open and LPDDR with one. A share of the difference (rho) comes with the first
 * bank, the rest in equal parts with every open one. Source: bank-wise background model of DRAMPower.
 */

export interface StandbyCurrent {
  /** The point that was measured with banks open. */
  readonly measuredMa: number;
  readonly measuredOpenBanks: number;
  readonly perOpenBankMa: number;
}

/**
 * @param measured what IDD3N is measured on: all banks of the device, or one
 * @param sharedFraction rho, 0..1
 */
export function standbyCurrent(
  rail: { readonly IDD2N: number; readonly IDD3N: number },
  banks: number,
  measured: "all" | "one",
  sharedFraction: number,
): StandbyCurrent {
  const growing = (1 - sharedFraction) * (rail.IDD3N - rail.IDD2N);
  if (measured === "all") {
    return { measuredMa: rail.IDD3N, measuredOpenBanks: banks, perOpenBankMa: growing / banks };
  }
  const perOpenBankMa = growing / (banks * sharedFraction + 1 - sharedFraction);
  return { measuredMa: rail.IDD3N, measuredOpenBanks: 1, perOpenBankMa };
}

/** Current with so many banks open; with 0, what an active rank draws apart from its banks. */
export function standbyMa(standby: StandbyCurrent, openBanks: number): number {
  return standby.measuredMa + (openBanks - standby.measuredOpenBanks) * standby.perOpenBankMa;
}
