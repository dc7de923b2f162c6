/**
 * Branded numbers for public boundaries, so that mixing cycles with bytes is a compile error. Branding costs nothing at
 * run time; inner loops use plain numbers.
 */

declare const unit: unique symbol;
type Quantity<Name extends string> = number & { readonly [unit]?: Name };

export type Cycles = Quantity<"cycles">;
export type Picojoules = Quantity<"pJ">;
export type Bytes = Quantity<"bytes">;
export type Bits = Quantity<"bits">;
export type Seconds = Quantity<"s">;
export type Watts = Quantity<"W">;
export type SquareMicrometres = Quantity<"um2">;
/** A ratio from 0 to 1, never percent. */
export type Fraction = Quantity<"fraction">;

const PREFIXES: readonly (readonly [number, string])[] = [
  [1e15, "P"],
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
  [1e-3, "m"],
  [1e-6, "u"],
  [1e-9, "n"],
  [1e-12, "p"],
];

/**
 * Writes a quantity with an SI prefix and three significant digits: `formatQuantity(2.1e9, "pJ", 1e-12)` is `2.10 mJ`.
 * @param scale the value of one `unitName` in the base unit; a leading prefix of the unit must be given through it
 */
export function formatQuantity(value: number, baseUnit: string, scale = 1): string {
  const inBase = value * scale;
  if (inBase === 0) return `0 ${baseUnit}`;
  if (!Number.isFinite(inBase)) return `${inBase} ${baseUnit}`;
  const rounded = Number(inBase.toPrecision(3));
  const [factor, prefix] = PREFIXES.find(([size]) => Math.abs(rounded) >= size * 0.9999999) ?? PREFIXES.at(-1)!;
  return `${(inBase / factor).toPrecision(3)} ${prefix}${baseUnit}`;
}
