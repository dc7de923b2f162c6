/** Thinning of weights to N:M or to a density, against a plain sort of each group. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { groupLines, keepLargestOfGroups, NM_AXES } from "../../sim/ir/encodings/nm-groups.js";

const CASES = fc.record({
  axis: fc.constantFrom(...NM_AXES),
  channels: fc.integer({ min: 1, max: 9 }),
  kernelSize: fc.integer({ min: 1, max: 4 }),
  columns: fc.integer({ min: 1, max: 9 }),
  m: fc.integer({ min: 1, max: 40 }),
  keep: fc.integer({ min: 0, max: 40 }),
  codes: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 9 * 4 * 9, maxLength: 9 * 4 * 9 }),
});

it("the n of largest magnitude of each group stay, of equals the first", () => {
  fc.assert(
    fc.property(CASES, ({ axis, channels, kernelSize, columns, m, keep, codes }) => {
      const n = Math.min(keep, m);
      const reduction = channels * kernelSize;
      const given = Int8Array.from(codes.slice(0, reduction * columns));
      const kept = given.slice();

      keepLargestOfGroups(
        kept,
        { reduction, columns, kernelSize },
        { n, m, axis },
        (row, column) => row * columns + column,
      );

      expect(kept).toEqual(bySorting(given, axis, { reduction, columns, kernelSize }, n, m));
    }),
    { numRuns: 400 },
  );
});

function bySorting(
  given: Int8Array,
  axis: (typeof NM_AXES)[number],
  shape: { readonly reduction: number; readonly columns: number; readonly kernelSize: number },
  n: number,
  m: number,
): Int8Array {
  const kept = given.slice();
  const lines = groupLines(axis, shape);
  for (let line = 0; line < lines.count; line++) {
    const row = line % lines.linesPerColumn;
    const first = row * shape.columns + Math.floor(line / lines.linesPerColumn);
    const step = lines.rowStep * shape.columns + lines.columnStep;
    for (let from = 0; from < lines.length; from += m) {
      const length = Math.min(m, lines.length - from);
      const places = Array.from({ length }, (_, index) => first + (from + index) * step);
      const ranked = places.toSorted((a, b) => Math.abs(given[b]!) - Math.abs(given[a]!) || a - b);
      for (const place of ranked.slice(n)) kept[place] = 0;
    }
  }
  return kept;
}
