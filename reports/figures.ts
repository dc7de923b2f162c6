/** Figures as a reader wants them: three digits and a prefix, or whole with grouped digits. A number is never cut: it is rounded. */
import { formatQuantity } from "../sim/core/units.js";

const PICO = 1e-12;
const SQUARE_MICROMETRES_PER_SQUARE_MILLIMETRE = 1e6;

export function joules(energyPj: number): string {
  return formatQuantity(energyPj, "J", PICO);
}

export function bytes(count: number): string {
  return formatQuantity(count, "B");
}

export function squareMillimetres(areaUm2: number): string {
  return `${(areaUm2 / SQUARE_MICROMETRES_PER_SQUARE_MILLIMETRE).toPrecision(3)} mm2`;
}

/** A whole number with its digits in groups, `1 234 567`; with three digits and a prefix where that needs too many cells. */
export function grouped(value: number, cells = Number.POSITIVE_INFINITY): string {
  const text = String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, " ");
  return text.length <= cells ? text : formatQuantity(value, "");
}

/** A fraction as percent with one decimal. */
export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)}%`;
}

/** A value over its base, `1.40x`, in at most seven characters: far from one as a power of ten, `1.2e+4x`. */
export function ratio(value: number | undefined): string {
  if (value === undefined) return "-";
  if (value === 0 || (value >= 0.01 && value < 999.5)) return `${value.toPrecision(3)}x`;
  const short = value.toExponential(1);
  return `${short.length < 7 ? short : value.toExponential(0)}x`;
}
