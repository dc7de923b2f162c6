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
  [1e18, "E"],
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
  [1e-15, "f"],
  [1e-18, "a"],
];

/**
 * Writes a quantity with an SI prefix and three significant digits: `formatQuantity(2.1e9, "J", 1e-12)` is `2.10 mJ`.
 * Whole numbers below a thousand stay whole: `64 B`, and `840` where the unit is empty.
 * @param scale the value of one in the base unit; a leading prefix of the unit must be given through it
 */
export function formatQuantity(value: number, baseUnit: string, scale = 1): string {
  const inBase = value * scale;
  const isShort = Number.isInteger(inBase) && Math.abs(inBase) < 1000;
  if (isShort || !Number.isFinite(inBase)) return `${inBase} ${baseUnit}`.trimEnd();
  const rounded = Number(inBase.toPrecision(3));
  const [factor, prefix] = PREFIXES.find(([size]) => Math.abs(rounded) >= size * 0.9999999) ?? PREFIXES.at(-1)!;
  return `${(inBase / factor).toPrecision(3)} ${prefix}${baseUnit}`.trimEnd();
}
