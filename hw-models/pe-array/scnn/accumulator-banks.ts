/**
 * Where the sums of a PE lie: a sum of output channel k of its group, in row p and column q of the outputs that its piece of the
 * plane reaches, is in bank (I k + (2 I + 2) p + q) mod A. The paper has products go by their output to one of A banks and does
 * not say how; these steps send four neighbours of a row, or two of two rows, and four channels to sixteen banks.
 */
export interface BankSteps {
  readonly channel: number;
  readonly row: number;
  readonly column: number;
}

export function bankSteps(activationVector: number): BankSteps {
  return { channel: activationVector, row: 2 * activationVector + 2, column: 1 };
}

/** True when no bank has more sums of channels x rows x columns than it has entries. */
export function fitsBanks(
  steps: BankSteps,
  banks: number,
  entries: number,
  channels: number,
  rows: number,
  columns: number,
): boolean {
  if (channels * rows * columns > banks * entries) return false;
  const used = new Int32Array(banks);
  for (let k = 0; k < channels; k++) {
    for (let p = 0; p < rows; p++) {
      for (let q = 0; q < columns; q++) {
        const bank = (k * steps.channel + p * steps.row + q * steps.column) % banks;
        if (++used[bank]! > entries) return false;
      }
    }
  }
  return true;
}
