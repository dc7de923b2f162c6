/** Random small layers whose operands are of few bits, or whose weights are sums of powers of two, and how they are stored. */
import fc from "fast-check";
import type { Codes, LayerValues, StoredOperands } from "../../hw-models/pe-array/layer-values.js";
import { ApotEncoding } from "../../sim/ir/encodings/apot.js";
import { randomLayers } from "./random-layers.js";

const DENSE = { name: "dense", parameters: {} };

/** Codes brought to the range of two's complement of a width, or of unsigned numbers less a zero point. */
function narrowed(codes: Codes, bits: number, isShifted: boolean): Codes {
  const half = 2 ** (bits - 1);
  const zero = isShifted ? half + (half >> 1) : half;
  const values = Array.from(codes, (code) => (code & (2 ** bits - 1)) - zero);
  return bits < 8 || (bits === 8 && !isShifted) ? Int8Array.from(values) : Int16Array.from(values);
}

/** Layers with operands of `widths` bits, which may be less a zero point where `canShift` says so. */
export function narrowLayers(widths: readonly number[], canShift: boolean): fc.Arbitrary<LayerValues> {
  const width = fc.constantFrom(...widths);
  const shift = canShift ? fc.boolean() : fc.constant(false);
  return fc
    .record({ layer: randomLayers, activationBits: width, weightBits: width, shifts: fc.tuple(shift, shift) })
    .map(({ layer, activationBits, weightBits, shifts }) => ({
      ...layer,
      // Of 16 bits a zero point would need a 17th, which codes do not have.
      ifmap: narrowed(layer.ifmap, activationBits, shifts[0] && activationBits < 16),
      weight: narrowed(layer.weight, weightBits, shifts[1] && weightBits < 16),
      stored: { encoding: DENSE, activationBits, weightBits, isDrawn: true },
    }));
}

/** Layers whose weights are levels of `pow2` or `apot` times a power of two. */
export const powerLayers: fc.Arbitrary<LayerValues & { readonly stored: StoredOperands }> = fc
  .record({
    layer: randomLayers,
    encoding: fc.oneof(
      fc.record({ name: fc.constant("pow2" as const), bits: fc.integer({ min: 2, max: 4 }) }),
      fc.record({ name: fc.constant("apot" as const), bits: fc.integer({ min: 3, max: 7 }) }),
    ),
    shift: fc.nat({ max: 1 }),
    seed: fc.nat(),
  })
  .map(({ layer, encoding: { name, bits }, shift, seed }) => {
    const powers = Array.from({ length: 2 ** (bits - 1) - 1 }, (_, exponent) => 2 ** exponent);
    const levels = name === "pow2" ? [0, ...powers] : new ApotEncoding({ bits }).levels;
    let state = seed;
    const weight = Int16Array.from(layer.weight, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const level = levels[(state >>> 8) % levels.length]! * 2 ** shift;
      return state >>> 31 === 1 ? -level : level;
    });
    const stored = { encoding: { name, parameters: { bits } }, activationBits: 16, weightBits: 16, isDrawn: false };
    return { ...layer, weight, stored };
  });
