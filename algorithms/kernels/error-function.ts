/**
 * The error function in double precision: its power series with positive terms near zero, a continued fraction of the
 * complement beyond. Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.6 and 7.1.14.
 */

const SERIES_LIMIT = 3;
const FRACTION_TERMS = 60;

/** erf(x) = 2/sqrt(pi) * integral of exp(-t^2) from 0 to x. */
export function errorFunction(x: number): number {
  const magnitude = Math.abs(x);
  if (!(magnitude < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  if (magnitude >= SERIES_LIMIT) return Math.sign(x) * (1 - complement(magnitude));
  // exp(-x^2) * sum of 2^n x^(2n+1) / (1*3*5*...*(2n+1)): no cancellation.
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** erfc(x) for x of at least 3: exp(-x^2) / (sqrt(pi) * (x + (1/2)/(x + 1/(x + (3/2)/(x + ...))))). */
function complement(x: number): number {
  let fraction = x;
  for (let n = FRACTION_TERMS; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
