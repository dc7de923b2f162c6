/** Quantities written with their unit (`700 MHz`, `64 KiB`, `0.9 V`), converted to the unit of a field. */

/** Units of each dimension and their size in the unit that fields use. */
const UNITS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Hz: { Hz: 1, kHz: 1e3, MHz: 1e6, GHz: 1e9 },
  bytes: { B: 1, bytes: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 },
  V: { V: 1, mV: 1e-3 },
  ns: { ns: 1, us: 1e3, ps: 1e-3 },
  nm: { nm: 1 },
  bits: { bit: 1, bits: 1 },
  cycles: { cycle: 1, cycles: 1 },
  pJ: { pJ: 1, nJ: 1e3, fJ: 1e-3 },
};

/** Units that a field of `unit` may be written in. */
export function acceptedUnits(unit: string): readonly string[] {
  return Object.keys(UNITS[unit] ?? {});
}

/** The number a text means in `unit`, or undefined when it is not such a quantity. */
export function parseQuantity(text: string, unit: string): number | undefined {
  const match = /^\s*([-+]?\d+(?:_\d+)*(?:\.\d+)?(?:e[-+]?\d+)?)\s*([A-Za-z]+)\s*$/i.exec(text);
  if (match === null) return undefined;
  const factor = UNITS[unit]?.[match[2]!];
  if (factor === undefined) return undefined;
  const value = Number(match[1]!.replaceAll("_", ""));
  // Division keeps round numbers round where multiplying by a negative power of ten would not.
  return factor < 1 ? value / Math.round(1 / factor) : value * factor;
}
