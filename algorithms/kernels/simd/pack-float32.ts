/** float32 numbers laid out for the products: as pack-int16.ts, without zero points and pairs. */

/** Rows of `width` numbers into rows of `phases` parts; see placeRowsInt16. */
export function placeRowsFloat32(
  from: usize, to: usize, rows: i32, width: i32, toRow: i32, pad: i32, phases: i32, phaseWidth: i32,
): void {
  for (let row: i32 = 0; row < rows; row++) {
    if (phases == 1) memory.copy(to + (<usize>pad << 2), from, <usize>width << 2);
    else {
      for (let w: i32 = 0; w < width; w++) {
        const place = w + pad;
        const at = (place % phases) * phaseWidth + place / phases;
        store<f32>(to + (<usize>at << 2), load<f32>(from + (<usize>w << 2)));
      }
    }
    from += <usize>width << 2;
    to += toRow;
  }
}

/** Turns 4 rows of neighbouring numbers into a panel, four by four; returns how much of the reduction is done. */
function transposeRows(from: usize, to: usize, reduction: i32, rowBytes: usize): i32 {
  let k: i32 = 0;
  for (; k + 4 <= reduction; k += 4) {
    const a = v128.load(from);
    const b = v128.load(from + rowBytes);
    const c = v128.load(from + 2 * rowBytes);
    const d = v128.load(from + 3 * rowBytes);
    const ab01 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const ab23 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cd01 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const cd23 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(ab01, cd01, 0, 1, 4, 5));
    v128.store(to, v128.shuffle<f32>(ab01, cd01, 2, 3, 6, 7), 16);
    v128.store(to, v128.shuffle<f32>(ab23, cd23, 0, 1, 4, 5), 32);
    v128.store(to, v128.shuffle<f32>(ab23, cd23, 2, 3, 6, 7), 48);
    from += 16;
    to += 64;
  }
  return k;
}

/** Panels of 4 rows from numbers at from[row * rowStep + k * step]: for each k, 4 numbers. Rows past the last are 0. */
export function packRowsFloat32(from: usize, to: usize, rows: i32, reduction: i32, rowStep: i32, step: i32): void {
  for (let row: i32 = 0; row < rows; row += 4) {
    const start = from + (<usize>row * <usize>rowStep << 2);
    const first = step == 1 && row + 4 <= rows ? transposeRows(start, to, reduction, <usize>rowStep << 2) : 0;
    for (let lane: i32 = 0; lane < 4; lane++) {
      let at = to + (<usize>lane << 2) + (<usize>first << 4);
      let source = start + ((<usize>lane * <usize>rowStep + <usize>first * <usize>step) << 2);
      for (let k = first; k < reduction; k++) {
        store<f32>(at, row + lane < rows ? load<f32>(source) : 0);
        at += 16;
        source += <usize>step << 2;
      }
    }
    to += <usize>reduction << 4;
  }
}

/** Panels of 8 columns from numbers at source[bases[column] + offsets[k]]: for each k, 8 numbers; the last column repeats. */
export function packColumnsFloat32(source: usize, to: usize, bases: usize, columns: i32, offsets: usize, reduction: i32): void {
  for (let column: i32 = 0; column < columns; column += 8) {
    const last = columns - 1;
    const first = load<i32>(bases + (<usize>column << 2));
    const isRun = column + 7 <= last && load<i32>(bases + (<usize>(column + 7) << 2)) == first + 7;
    const base0 = source + (<usize>first << 2);
    const base1 = source + (<usize>load<i32>(bases + (<usize>min(column + 1, last) << 2)) << 2);
    const base2 = source + (<usize>load<i32>(bases + (<usize>min(column + 2, last) << 2)) << 2);
    const base3 = source + (<usize>load<i32>(bases + (<usize>min(column + 3, last) << 2)) << 2);
    const base4 = source + (<usize>load<i32>(bases + (<usize>min(column + 4, last) << 2)) << 2);
    const base5 = source + (<usize>load<i32>(bases + (<usize>min(column + 5, last) << 2)) << 2);
    const base6 = source + (<usize>load<i32>(bases + (<usize>min(column + 6, last) << 2)) << 2);
    const base7 = source + (<usize>load<i32>(bases + (<usize>min(column + 7, last) << 2)) << 2);
    for (let k: i32 = 0; k < reduction; k++) {
      const offset = <usize>load<i32>(offsets + (<usize>k << 2)) << 2;
      if (isRun) {
        v128.store(to, v128.load(base0 + offset));
        v128.store(to, v128.load(base0 + offset, 16), 16);
      } else {
        store<f32>(to, load<f32>(base0 + offset));
        store<f32>(to, load<f32>(base1 + offset), 4);
        store<f32>(to, load<f32>(base2 + offset), 8);
        store<f32>(to, load<f32>(base3 + offset), 12);
        store<f32>(to, load<f32>(base4 + offset), 16);
        store<f32>(to, load<f32>(base5 + offset), 20);
        store<f32>(to, load<f32>(base6 + offset), 24);
        store<f32>(to, load<f32>(base7 + offset), 28);
      }
      to += 32;
    }
  }
}

/** row [count] += addend, rounded once. */
export function addToRow(row: usize, count: i32, addend: f32): void {
  for (let index: i32 = 0; index < count; index++) {
    const at = row + (<usize>index << 2);
    store<f32>(at, load<f32>(at) + addend);
  }
}
