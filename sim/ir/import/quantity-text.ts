/**
 * Quantities written with their unit (`700 MHz`, `64 KiB`, `0.9 V`), converted to the unit of a field. Decimal prefixes move
 * the decimal point in the text, and binary ones multiply by a power of two, so that neither rounds. `KB` is not a unit here:
 * papers mean 1000 as often as 1024 by it.
 */

/** Units of each dimension: `e` and a power of ten, or a power of two. */
const UNITS: Readonly<Record<string, Readonly<Record<string, `e${number}` | number>>>> = {
  Hz: { Hz: "e0", kHz: "e3", MHz: "e6", GHz: "e9" },
  bytes: { bytes: "e0", B: "e0", kB: "e3", MB: "e6", GB: "e9", KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 },
  V: { V: "e0", mV: "e-3" },
  ns: { ns: "e0", us: "e3", ps: "e-3" },
  nm: { nm: "e0" },
  bits: { bits: "e0", bit: "e0" },
  cycles: { cycles: "e0", cycle: "e0" },
  pJ: { pJ: "e0", nJ: "e3", fJ: "e-3" },
};

/** Units that a field of `unit` may be written in. */
export function acceptedUnits(unit: string): readonly string[] {
  return Object.keys(UNITS[unit] ?? {});
}

/** The number a text means in `unit`, or undefined when it is not such a quantity. */
export function parseQuantity(text: string, unit: string): number | undefined {
  const match = /^([-+]?\d{1,30}(?:\.\d{1,30})?)(?:e([-+]?\d{1,3}))?\s{0,8}([A-Za-z]{1,8})$/.exec(text.trim());
  if (match === null) return undefined;
  const [, digits, exponent = "0", name] = match;
  const units = UNITS[unit] ?? {};
  const scale = Object.hasOwn(units, name!) ? units[name!] : undefined;
  if (scale === undefined) return undefined;
  if (typeof scale === "number") return Number(`${digits}e${exponent}`) * scale;
  return Number(`${digits}e${Number(exponent) + Number(scale.slice(1))}`);
}
