/**
 * Packs the non-zeros of a matrix over a row of multipliers, round after round. Whole rows are taken in order while they fit; a row
 * that does not fit even alone is folded over rounds of its own. A piece of a row that is not its first takes a multiplier more, for
 * the psum of the pieces before. A row without non-zeros holds one multiplier, so that its sum is written.
 *
 *     for block of the reduction
 *       for round of multipliers                    buffer -> array
 *         parallel over pieces of rows
 */

/** Places of the non-zeros of each row, ascending: those of row i stand from starts[i] up to, but without, starts[i + 1]. */
export interface NonZeroRows {
  readonly places: Int32Array;
  readonly starts: Int32Array;
}

/** A run of non-zeros of one row, and the multipliers it takes. */
export interface Piece {
  readonly row: number;
  /** Its non-zeros, as indices into `places`. */
  readonly from: number;
  readonly end: number;
  readonly takesPsum: boolean;
  /** Multipliers. */
  readonly slots: number;
}

export interface Round {
  /** Place of the reduction at which its block starts, and the block's length. */
  readonly blockStart: number;
  readonly blockLength: number;
  readonly pieces: readonly Piece[];
}

/** Places of a reduction, of which so many are packed at a time. */
export interface ReductionSpan {
  readonly first: number;
  readonly end: number;
  readonly block: number;
}

/** Calls back with each round, in order. */
export function forEachRound(
  rows: NonZeroRows,
  span: ReductionSpan,
  multipliers: number,
  visit: (round: Round) => void,
): void {
  const count = rows.starts.length - 1;
  const next = rows.starts.slice(0, count);
  for (let blockStart = span.first; blockStart < span.end; blockStart += span.block) {
    const blockEnd = Math.min(blockStart + span.block, span.end);
    const blockLength = blockEnd - blockStart;
    let pieces: Piece[] = [];
    let used = 0;
    const close = (): void => {
      if (pieces.length > 0) visit({ blockStart, blockLength, pieces });
      pieces = [];
      used = 0;
    };
    for (let row = 0; row < count; row++) {
      const takesPsum = blockStart > span.first;
      const from = next[row]!;
      const end = endOfBlock(rows, row, from, blockEnd);
      next[row] = end;
      if (takesPsum && from === end) continue;
      const slots = Math.max(1, end - from) + (takesPsum ? 1 : 0);
      if (used + slots > multipliers) close();
      if (slots <= multipliers) {
        pieces.push({ row, from, end, takesPsum, slots });
        used += slots;
        continue;
      }
      for (const piece of foldsOf(row, from, end, takesPsum, multipliers)) {
        pieces.push(piece);
        close();
      }
    }
    close();
  }
}

function endOfBlock({ places, starts }: NonZeroRows, row: number, from: number, blockEnd: number): number {
  let [low, high] = [from, starts[row + 1]!];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (places[middle]! < blockEnd) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Pieces of a row that is longer than all multipliers. */
function foldsOf(row: number, from: number, end: number, hasPsum: boolean, multipliers: number): Piece[] {
  const pieces: Piece[] = [];
  for (let at = from; at < end; ) {
    const takesPsum = hasPsum || at > from;
    const pieceEnd = Math.min(end, at + multipliers - (takesPsum ? 1 : 0));
    pieces.push({ row, from: at, end: pieceEnd, takesPsum, slots: pieceEnd - at + (takesPsum ? 1 : 0) });
    at = pieceEnd;
  }
  return pieces;
}
