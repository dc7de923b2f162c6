/** Plots as SVG without a browser. */
import { escapeHtml } from "./html.js";

/** Colours that are told apart without colour vision (Okabe & Ito, 2008), and two more pairs. */
export const COLOURS = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#d55e00",
  "#cc79a7",
  "#56b4e9",
  "#b0a000",
  "#666666",
  "#44aa99",
  "#882255",
] as const;

/** The part of an element that is used here: the drawing has no browser around it. */
interface SvgElement {
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
}

/** An element as a file of its own, its title for readers that do not see it. */
export function svgOf(plot: SvgElement, title: string): string {
  plot.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  plot.setAttribute("role", "img");
  // The drawing's document escapes quotes alone where it writes attributes.
  plot.setAttribute("aria-label", escapeHtml(title));
  return `${plot.outerHTML}\n`;
}

/** The drawing library with a document to draw in. */
export async function drawing() {
  const [Plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  return { Plot, document: parseHTML("<html></html>").document as never };
}
