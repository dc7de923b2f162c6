/**
 * Clock domains on one integer time line. The base tick is chosen so that every period is a whole number of ticks, which
 * puts any two domains in a rational ratio; a clock that has to be rounded for it is reported with its error.
 */
import { ModelError } from "../core/errors.js";
import { greatestCommonDivisor } from "../core/integers.js";

export interface ClockDomain {
  readonly name: string;
  readonly clockHz: number;
  /** Base ticks of one period. */
  readonly periodTicks: number;
  /** Relative error of the modelled period against `1 / clockHz`, parts per million. */
  readonly errorPpm: number;
}

export interface ClockPlan {
  readonly baseTickHz: number;
  readonly domains: readonly ClockDomain[];
}

/** Largest denominator of a period ratio; keeps ticks of hours-long runs below 2^53. */
const MAX_DENOMINATOR = 1000;

/** Best rational approximation of a positive number with a bounded denominator (continued fraction). */
function approximateRatio(value: number): readonly [number, number] {
  let [previousTop, previousBottom, top, bottom] = [0, 1, 1, 0];
  let rest = value;
  for (;;) {
    const whole = Math.floor(rest + 1e-9);
    const nextTop = whole * top + previousTop;
    const nextBottom = whole * bottom + previousBottom;
    if (nextBottom > MAX_DENOMINATOR) break;
    [previousTop, previousBottom, top, bottom] = [top, bottom, nextTop, nextBottom];
    const remainder = rest - whole;
    if (remainder < 1e-9 || Math.abs(top / bottom - value) < value * 1e-12) break;
    rest = 1 / remainder;
  }
  // A clock far above the reference rounds to zero periods: one tick of the finest grid is the closest there is.
  return top === 0 ? [1, MAX_DENOMINATOR] : [top, bottom];
}

/**
 * Puts clocks on one tick. The first clock is the reference and is exact.
 * @param clocks frequencies in Hz, all positive and finite
 */
export function planClocks(clocks: readonly { readonly name: string; readonly clockHz: number }[]): ClockPlan {
  const reference = clocks[0];
  if (reference === undefined) throw new ModelError("clock", "no clock to plan");
  const ratios = clocks.map((clock) => approximateRatio(reference.clockHz / clock.clockHz));
  let ticksPerReference = 1;
  for (const [, bottom] of ratios) ticksPerReference *= bottom / greatestCommonDivisor(ticksPerReference, bottom);
  const domains = clocks.map((clock, index) => {
    const [top, bottom] = ratios[index]!;
    const periodTicks = (top * ticksPerReference) / bottom;
    const wantedTicks = (reference.clockHz / clock.clockHz) * ticksPerReference;
    const error = ((periodTicks - wantedTicks) / wantedTicks) * 1e6;
    return { name: clock.name, clockHz: clock.clockHz, periodTicks, errorPpm: Math.abs(error) < 1e-6 ? 0 : error };
  });
  return { baseTickHz: reference.clockHz * ticksPerReference, domains };
}
