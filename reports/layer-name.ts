/** A layer's name with the marks that a reader must see; the name is cut before its mark is. */
import { printableText } from "../sim/core/printable-text.js";
import type { LayerReport } from "../sim/run/report-types.js";
import { cutToWidth } from "./display-width.js";

interface Mark {
  readonly mark: string;
  readonly meaning: string;
  readonly applies: (layer: LayerReport) => boolean;
}

const MARKS: readonly Mark[] = [
  { mark: "?", meaning: "unknown operator, assumed to move its data and no more", applies: (layer) => layer.assumed },
  {
    mark: "~",
    meaning: "depends on synthetic values: drawn ones, or the structure of an encoding alone",
    applies: (layer) => layer.statistics === "synthetic",
  },
];

/** The marks that any of the layers has. */
export function marksOf(layers: readonly LayerReport[]): readonly Omit<Mark, "applies">[] {
  return MARKS.filter(({ applies }) => layers.some(applies));
}

/** Printable name and marks, in at most so many cells. */
export function formatLayerName(layer: LayerReport, cells = Number.POSITIVE_INFINITY): string {
  const marks = MARKS.filter(({ applies }) => applies(layer))
    .map(({ mark }) => mark)
    .join("");
  const suffix = marks === "" ? "" : ` ${marks}`;
  return cutToWidth(printableText(layer.name), cells - suffix.length) + suffix;
}
