/**
 * Latencies of timing constraints as short lists of JEDEC names, so that one and the same table is evaluated and printed:
 * `sum("nWL", "nBL", "nWTRL")`, `max("nBL", "nCCDL")`. RL = AL + CL, WL = AL + CWL, RC = RAS + RP, and RCD where reads and
 * writes have one are names too.
 */
import type { DramTimings } from "../device.js";

export type LatencyName = Exclude<keyof DramTimings, "tCKps"> | "nRL" | "nWL" | "nRC" | "nRCD";
/** A name, a name to take away, or clock cycles. */
export type Term = LatencyName | `-${LatencyName}` | number;

export type Latency =
  | { readonly kind: "sum"; readonly terms: readonly Term[] }
  | { readonly kind: "max"; readonly terms: readonly Term[] };

export function sum(...terms: readonly Term[]): Latency {
  return { kind: "sum", terms };
}

export function max(...terms: readonly Term[]): Latency {
  return { kind: "max", terms };
}

/** Long distances inside a bank group and the short ones that stand for them where there is one group. */
const SHORT_OF_LONG: Readonly<Record<string, LatencyName>> = { nCCDL: "nCCDS", nRRDL: "nRRDS", nWTRL: "nWTRS" };

/** The latency for a device whose bank groups are off or absent. */
export function withoutBankGroups(latency: Latency): Latency {
  return { ...latency, terms: latency.terms.map((term) => SHORT_OF_LONG[term] ?? term) };
}

function timingOf(name: LatencyName, timings: DramTimings): number | undefined {
  switch (name) {
    case "nRL":
      return timings.nAL + timings.nCL;
    case "nWL":
      return timings.nAL + timings.nCWL;
    case "nRC":
      return timings.nRAS + timings.nRP;
    case "nRCD":
      return timings.nRCDRD;
    default:
      return timings[name];
  }
}

function termCycles(term: Term, timings: DramTimings): number | undefined {
  if (typeof term === "number") return term;
  if (!term.startsWith("-")) return timingOf(term as LatencyName, timings);
  const value = timingOf(term.slice(1) as LatencyName, timings);
  return value === undefined ? undefined : -value;
}

/** Cycles of a latency; undefined when the device lacks a timing that it names. */
export function latencyCycles({ kind, terms }: Latency, timings: DramTimings): number | undefined {
  const values: number[] = [];
  for (const term of terms) {
    const cycles = termCycles(term, timings);
    if (cycles === undefined) return undefined;
    values.push(cycles);
  }
  return kind === "max" ? Math.max(...values) : values.reduce((total, value) => total + value, 0);
}

/** The latency as text: `nRL + nBL + nRTRS - nWL`, `max(nBL, nCCDL)`. */
export function latencyText({ kind, terms }: Latency): string {
  if (kind === "max") return `max(${terms.join(", ")})`;
  return terms.map((term, index) => signed(String(term), index === 0)).join("");
}

function signed(term: string, isFirst: boolean): string {
  const isNegative = term.startsWith("-");
  const name = isNegative ? term.slice(1) : term;
  if (isFirst) return isNegative ? `-${name}` : name;
  return isNegative ? ` - ${name}` : ` + ${name}`;
}
