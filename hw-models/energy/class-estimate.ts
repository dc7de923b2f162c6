/** A class of action at one process, over all its sources: the first is nominal, the others make the range. */
import { ModelError } from "../../sim/core/errors.js";
import type { SourceEntry } from "./energy-types.js";
import { energyScale, type Process, processOf, scalingNote } from "./technology-scaling.js";
import type { UnitFigure } from "./unit-figure.js";

/** One source's opinion, already at the design's process. */
export interface Opinion {
  readonly energyPj: number;
  readonly source: string;
}

export interface ClassEstimate {
  readonly nominalPj: number;
  readonly lowPj: number;
  readonly highPj: number;
  readonly sources: readonly SourceEntry[];
}

/** A figure as an opinion at a process, times a factor that the caller explains. */
export function opinionOf(figure: UnitFigure, to: Process, factor = 1, why = ""): Opinion {
  const energyPj = figure.value * factor * energyScale(processOf(figure), to);
  const parts = [figure.source, figure.provenance, scalingNote(figure, to, "energy"), why].filter(
    (part) => part !== "",
  );
  return { energyPj, source: parts.join("; ") };
}

/** The sum of parts that make one action. */
export function sumOpinions(...parts: readonly Opinion[]): Opinion {
  return {
    energyPj: parts.reduce((sum, part) => sum + part.energyPj, 0),
    source: [...new Set(parts.map((part) => part.source))].join(" + "),
  };
}

/** Puts opinions together. @throws ModelError without any: a missing entry is never zero */
export function estimateClass(entry: string, opinions: readonly Opinion[], unit = "pJ"): ClassEstimate {
  const [first] = opinions;
  if (first === undefined) throw new ModelError("energy", `no source for ${entry}`);
  const values = opinions.map((opinion) => opinion.energyPj);
  return {
    nominalPj: first.energyPj,
    lowPj: Math.min(...values),
    highPj: Math.max(...values),
    sources: opinions.map((opinion, index) => ({
      entry: index === 0 ? entry : `${entry} (alternative ${index})`,
      value: opinion.energyPj,
      unit,
      source: opinion.source,
    })),
  };
}
