/**
 * 8-bit codes with zero points as int16 differences, laid out for the products: planes with their padding (0, as padding equals
 * the zero point), panels of rows of the first operand, panels of columns of the second.
 */
import { firstPairs, lastPairs } from "./pairs";

/** A code less a zero point. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function difference(at: usize, zero: i32, isSigned: bool): i32 {
  return (isSigned ? <i32>load<i8>(at) : <i32>load<u8>(at)) - zero;
}

/** Writes `count` differences of neighbouring codes. */
function widenRow(from: usize, to: usize, count: i32, zero: i32, isSigned: bool): void {
  const zeros = i16x8.splat(<i16>zero);
  let index: i32 = 0;
  for (; index + 8 <= count; index += 8) {
    const codes = isSigned ? v128.load_ext<i8>(from + index) : v128.load_ext<u8>(from + index);
    v128.store(to + (<usize>index << 1), i16x8.sub(codes, zeros));
  }
  for (; index < count; index++) store<i16>(to + (<usize>index << 1), <i16>difference(from + index, zero, isSigned));
}

/** to [rows, columns] int16 = from [rows, columns] less a zero point a column. */
export function widenColumns(from: usize, to: usize, rows: i32, columns: i32, zeros: usize, isSigned: bool): void {
  for (let row: i32 = 0; row < rows; row++) {
    for (let column: i32 = 0; column < columns; column++) {
      store<i16>(to, <i16>difference(from, load<i32>(zeros + (<usize>column << 2)), isSigned));
      from++;
      to += 2;
    }
  }
}

/** to [count] int16 = from [count] less one zero point. */
export function widenAll(from: usize, to: usize, count: i32, zero: i32, isSigned: bool): void {
  widenRow(from, to, count, zero, isSigned);
}

/**
 * Rows of `width` codes into rows of `phases` parts of `phaseWidth` numbers: element w, shifted by the padding, goes to part
 * (w mod phases), place floor(w / phases). So the columns that a filter tap meets lie side by side at any stride.
 * @param toRow bytes from row to row; the target is 0 where nothing is written
 */
export function placeRowsInt16(
  from: usize, to: usize, rows: i32, width: i32, toRow: i32, pad: i32, phases: i32, phaseWidth: i32, zero: i32, isSigned: bool,
): void {
  for (let row: i32 = 0; row < rows; row++) {
    if (phases == 1) widenRow(from, to + (<usize>pad << 1), width, zero, isSigned);
    else {
      for (let w: i32 = 0; w < width; w++) {
        const place = w + pad;
        const at = (place % phases) * phaseWidth + place / phases;
        store<i16>(to + (<usize>at << 1), <i16>difference(from + w, zero, isSigned));
      }
    }
    from += width;
    to += toRow;
  }
}

/**
 * Panels of 4 rows from codes [rows, reduction]: for each pair of the reduction, 4 times two int16. What rows or pairs lack is 0.
 * @param zeros an int32 zero point a row
 */
export function packRowsInt16(from: usize, to: usize, rows: i32, reduction: i32, zeros: usize, isSigned: bool): void {
  for (let row: i32 = 0; row < rows; row += 4) {
    const panel = to;
    const pairs = (reduction + 1) >> 1;
    memory.fill(panel, 0, <usize>pairs << 4);
    for (let lane: i32 = 0; lane < min(4, rows - row); lane++) {
      const zero = load<i32>(zeros + (<usize>(row + lane) << 2));
      const start = from + <usize>(row + lane) * <usize>reduction;
      let at = panel + (<usize>lane << 2);
      let k: i32 = 0;
      for (; k + 1 < reduction; k += 2) {
        store<i16>(at, <i16>difference(start + k, zero, isSigned));
        store<i16>(at, <i16>difference(start + k + 1, zero, isSigned), 2);
        at += 16;
      }
      if (k < reduction) store<i16>(at, <i16>difference(start + k, zero, isSigned));
    }
    to += <usize>pairs << 4;
  }
}

/**
 * Panels of 8 columns from int16 numbers at source[bases[column] + offsets[k]]: for each pair of the reduction, 8 times two.
 * A last odd k is paired with itself, for the other operand is 0 there; columns past the last repeat it.
 */
export function packColumnsInt16(source: usize, to: usize, bases: usize, columns: i32, offsets: usize, reduction: i32): void {
  for (let column: i32 = 0; column < columns; column += 8) {
    const last = columns - 1;
    const first = load<i32>(bases + (<usize>column << 2));
    const isRun = column + 7 <= last && load<i32>(bases + (<usize>(column + 7) << 2)) == first + 7;
    const base0 = source + (<usize>first << 1);
    const base1 = source + (<usize>load<i32>(bases + (<usize>min(column + 1, last) << 2)) << 1);
    const base2 = source + (<usize>load<i32>(bases + (<usize>min(column + 2, last) << 2)) << 1);
    const base3 = source + (<usize>load<i32>(bases + (<usize>min(column + 3, last) << 2)) << 1);
    const base4 = source + (<usize>load<i32>(bases + (<usize>min(column + 4, last) << 2)) << 1);
    const base5 = source + (<usize>load<i32>(bases + (<usize>min(column + 5, last) << 2)) << 1);
    const base6 = source + (<usize>load<i32>(bases + (<usize>min(column + 6, last) << 2)) << 1);
    const base7 = source + (<usize>load<i32>(bases + (<usize>min(column + 7, last) << 2)) << 1);
    for (let k: i32 = 0; k < reduction; k += 2) {
      const even = <usize>load<i32>(offsets + (<usize>k << 2)) << 1;
      const odd = <usize>load<i32>(offsets + (<usize>min(k + 1, reduction - 1) << 2)) << 1;
      if (isRun) {
        const x = v128.load(base0 + even);
        const y = v128.load(base0 + odd);
        v128.store(to, firstPairs(x, y));
        v128.store(to, lastPairs(x, y), 16);
      } else if (odd == even + 2) {
        store<i32>(to, load<i32>(base0 + even));
        store<i32>(to, load<i32>(base1 + even), 4);
        store<i32>(to, load<i32>(base2 + even), 8);
        store<i32>(to, load<i32>(base3 + even), 12);
        store<i32>(to, load<i32>(base4 + even), 16);
        store<i32>(to, load<i32>(base5 + even), 20);
        store<i32>(to, load<i32>(base6 + even), 24);
        store<i32>(to, load<i32>(base7 + even), 28);
      } else {
        store<i16>(to, load<i16>(base0 + even));
        store<i16>(to, load<i16>(base0 + odd), 2);
        store<i16>(to, load<i16>(base1 + even), 4);
        store<i16>(to, load<i16>(base1 + odd), 6);
        store<i16>(to, load<i16>(base2 + even), 8);
        store<i16>(to, load<i16>(base2 + odd), 10);
        store<i16>(to, load<i16>(base3 + even), 12);
        store<i16>(to, load<i16>(base3 + odd), 14);
        store<i16>(to, load<i16>(base4 + even), 16);
        store<i16>(to, load<i16>(base4 + odd), 18);
        store<i16>(to, load<i16>(base5 + even), 20);
        store<i16>(to, load<i16>(base5 + odd), 22);
        store<i16>(to, load<i16>(base6 + even), 24);
        store<i16>(to, load<i16>(base6 + odd), 26);
        store<i16>(to, load<i16>(base7 + even), 28);
        store<i16>(to, load<i16>(base7 + odd), 30);
      }
      to += 32;
    }
  }
}

/** Eight neighbouring codes less the zero points. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function differences(at: usize, zeros: v128, isSigned: bool): v128 {
  return i16x8.sub(isSigned ? v128.load_ext<i8>(at) : v128.load_ext<u8>(at), zeros);
}

/** Turns 8 rows of 8 neighbouring codes, in three steps that exchange single numbers, pairs and fours; rows of 64 bytes. */
function turnEight(from: usize, rowBytes: usize, to: usize, zeros: v128, isSigned: bool): void {
  const a = differences(from, zeros, isSigned);
  const b = differences(from + rowBytes, zeros, isSigned);
  const c = differences(from + 2 * rowBytes, zeros, isSigned);
  const d = differences(from + 3 * rowBytes, zeros, isSigned);
  const e = differences(from + 4 * rowBytes, zeros, isSigned);
  const f = differences(from + 5 * rowBytes, zeros, isSigned);
  const g = differences(from + 6 * rowBytes, zeros, isSigned);
  const h = differences(from + 7 * rowBytes, zeros, isSigned);
  const ab0 = firstPairs(a, b);
  const ab4 = lastPairs(a, b);
  const cd0 = firstPairs(c, d);
  const cd4 = lastPairs(c, d);
  const ef0 = firstPairs(e, f);
  const ef4 = lastPairs(e, f);
  const gh0 = firstPairs(g, h);
  const gh4 = lastPairs(g, h);
  const abcd0 = v128.shuffle<i32>(ab0, cd0, 0, 4, 1, 5);
  const abcd2 = v128.shuffle<i32>(ab0, cd0, 2, 6, 3, 7);
  const abcd4 = v128.shuffle<i32>(ab4, cd4, 0, 4, 1, 5);
  const abcd6 = v128.shuffle<i32>(ab4, cd4, 2, 6, 3, 7);
  const efgh0 = v128.shuffle<i32>(ef0, gh0, 0, 4, 1, 5);
  const efgh2 = v128.shuffle<i32>(ef0, gh0, 2, 6, 3, 7);
  const efgh4 = v128.shuffle<i32>(ef4, gh4, 0, 4, 1, 5);
  const efgh6 = v128.shuffle<i32>(ef4, gh4, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(abcd0, efgh0, 0, 2));
  v128.store(to, v128.shuffle<i64>(abcd0, efgh0, 1, 3), 64);
  v128.store(to, v128.shuffle<i64>(abcd2, efgh2, 0, 2), 128);
  v128.store(to, v128.shuffle<i64>(abcd2, efgh2, 1, 3), 192);
  v128.store(to, v128.shuffle<i64>(abcd4, efgh4, 0, 2), 256);
  v128.store(to, v128.shuffle<i64>(abcd4, efgh4, 1, 3), 320);
  v128.store(to, v128.shuffle<i64>(abcd6, efgh6, 0, 2), 384);
  v128.store(to, v128.shuffle<i64>(abcd6, efgh6, 1, 3), 448);
}

/**
 * Codes [rows, reduction] less a zero point as int16, turned by blocks of 32 rows: to [blocks, reduction, 32]. A block of a usual
 * reduction fits into the first cache. Rows past the last are 0.
 */
export function turnRowsInt16(from: usize, to: usize, rows: i32, reduction: i32, zero: i32, isSigned: bool): void {
  const zeros = i16x8.splat(<i16>zero);
  const rowBytes = <usize>reduction;
  for (let block: i32 = 0; block < rows; block += 32) {
    for (let eight: i32 = 0; eight < 32; eight += 8) {
      const source = from + <usize>(block + eight) * rowBytes;
      const lanes = to + (<usize>eight << 1);
      let k: i32 = 0;
      if (block + eight + 8 <= rows) {
        for (; k + 8 <= reduction; k += 8) turnEight(source + k, rowBytes, lanes + (<usize>k << 6), zeros, isSigned);
      }
      for (; k < reduction; k++) {
        for (let lane: i32 = 0; lane < 8; lane++) {
          const code = source + <usize>lane * rowBytes + <usize>k;
          const at = lanes + (<usize>k << 6) + (<usize>lane << 1);
          store<i16>(at, block + eight + lane < rows ? <i16>difference(code, zero, isSigned) : 0);
        }
      }
    }
    to += rowBytes << 6;
  }
}

/** Sums of one block of rows, [columns, 32], to [rows, columns] int32, of which the block has `rows`. */
export function turnSums(from: usize, to: usize, rows: i32, columns: i32): void {
  for (let row: i32 = 0; row < rows; row++) {
    let source = from + (<usize>row << 2);
    for (let column: i32 = 0; column < columns; column++) {
      store<i32>(to, load<i32>(source));
      source += 128;
      to += 4;
    }
  }
}
