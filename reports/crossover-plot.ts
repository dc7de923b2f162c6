/**
 * Plots of a crossover study, as SVG without a script: a panel a type of layer, a curve a design, the range over values as a band.
 * They are drawn in the colours of the page that holds them (`--series-0`, ... and the text's own), which may be dark.
 */
import type { CrossoverPoint, CrossoverStudy } from "../algorithms/explore/crossover/crossover-types.js";
import { densityText, figuresAt, scopesOf } from "./crossover-figures.js";
import { drawing, svgOf } from "./svg.js";

const WIDTH = 264;
const HEIGHT = 190;

/** Marks of designs, as a plot names them and as text; with their colours no two of 70 look alike. */
export const SYMBOLS = [
  { name: "circle", text: "●" },
  { name: "square", text: "■" },
  { name: "triangle", text: "▲" },
  { name: "diamond", text: "◆" },
  { name: "star", text: "★" },
  { name: "cross", text: "✚" },
  { name: "wye", text: "Y" },
] as const;

export interface PanelFigure {
  readonly title: string;
  readonly of: (point: CrossoverPoint) => number;
  /** Ratios are drawn to powers of ten, with a line at 1; percent from 0. */
  readonly kind: "ratio" | "percent";
}

export interface Panel {
  readonly scope: string;
  readonly svg: string;
}

type Library = Awaited<ReturnType<typeof drawing>>;

interface Row {
  readonly density: number;
  readonly least: number;
  readonly most: number;
  readonly middle: number;
}

/** A panel for each type of layer, all to one scale. */
export async function plotPanels(study: CrossoverStudy, figure: PanelFigure): Promise<Panel[]> {
  const library = await drawing();
  const curves = study.entries.map((entry) => {
    const { densities } = study.designs.find(({ name }) => name === entry.design)!;
    return { entry, rows: densities.map((density, at) => rowOf(density, figuresAt(entry, at, figure.of))) };
  });
  const all = curves.flatMap(({ rows }) => rows.flatMap(({ least, most }) => [least, most]));
  const scale = scaleOf(all, figure);
  return scopesOf(study).map((scope) => {
    const own = study.designs.map(
      ({ name }) => curves.find(({ entry }) => entry.scope === scope && entry.design === name)?.rows ?? [],
    );
    return { scope, svg: panelOf(library, own, figure, scale, `${figure.title}, ${scope}`) };
  });
}

function rowOf(density: number, values: readonly number[]): Row {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return { density, least, most, middle: (least + most) / 2 };
}

const LOG_TICKS = [-4, -3, -2, -1, 0, 1, 2, 3, 4].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));

/** Axis of all panels of a figure. */
function scaleOf(values: readonly number[], { kind }: PanelFigure) {
  const most = Math.max(...values);
  if (kind === "percent") return { domain: [0, Math.max(5, most)], nice: true, ticks: 4 };
  const domain = [0.9 * Math.min(1, ...values), 1.1 * Math.max(1, most)] as const;
  const decades = Math.log10(domain[1] / domain[0]);
  const ticks = LOG_TICKS.filter((tick) => tick >= domain[0] && tick <= domain[1]);
  const shown =
    decades > 2.5 ? ticks.filter((tick) => Number.isInteger(Math.round(Math.log10(tick) * 1e6) / 1e6)) : ticks;
  return { type: "log" as const, domain, ticks: shown, tickFormat: (tick: number) => densityText(tick) };
}

function panelOf(
  { Plot, document }: Library,
  curves: readonly (readonly Row[])[],
  { kind }: PanelFigure,
  scale: ReturnType<typeof scaleOf>,
  title: string,
): string {
  const marks = curves.flatMap((rows, at) => {
    const colour = seriesColour(at);
    const x = "density";
    const symbol = SYMBOLS[at % SYMBOLS.length]!.name;
    return [
      Plot.areaY(rows, { x, y1: "least", y2: "most", fill: colour, fillOpacity: 0.25 }),
      Plot.lineY(rows, { x, y: "middle", stroke: colour, strokeWidth: 1.6 }),
      Plot.dot(rows, { x, y: "middle", fill: colour, symbol, r: 2.6 }),
    ];
  });
  const plot = Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 38,
    marginRight: 10,
    marginTop: 12,
    marginBottom: 32,
    style: { background: "transparent", color: "currentColor", fontSize: "11px" },
    x: { label: "density", domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1], tickFormat: (tick: number) => String(tick) },
    y: { ...scale, label: null, grid: true },
    marks: [
      ...(kind === "ratio" ? [Plot.ruleY([1], { stroke: "currentColor", strokeDasharray: "5 3" })] : []),
      ...marks,
    ],
  });
  return svgOf(plot, title);
}

export function seriesColour(index: number): string {
  return `var(--series-${index % SERIES_COLOURS.length})`;
}

/** Colours of curves on a light page and on a dark one. */
export const SERIES_COLOURS: readonly { readonly light: string; readonly dark: string }[] = [
  { light: "#0072b2", dark: "#4aa8e0" },
  { light: "#c77800", dark: "#e69f00" },
  { light: "#007a59", dark: "#2fc19a" },
  { light: "#a3246f", dark: "#ea86bd" },
  { light: "#5b6770", dark: "#a9b4bd" },
  { light: "#c23b00", dark: "#ff7a45" },
  { light: "#4b3fb0", dark: "#9d94f0" },
  { light: "#6b6100", dark: "#d6c94a" },
  { light: "#6b3f1d", dark: "#c99a70" },
  { light: "#2a7f9e", dark: "#7fd3ea" },
];
