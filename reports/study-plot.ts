/**
 * Plots of a comparison of designs, as SVG without a script: speed and traffic as a dot a design with the range over values, energy
 * as bars stacked by component.
 */
import type { Study, StudyRun } from "../algorithms/explore/compare-designs.js";
import { COMPONENTS } from "./columns.js";
import { COLOURS, drawing, svgOf } from "./svg.js";

export type StudyPlotName = "speed" | "energy" | "dram";

const PANEL_HEIGHT = 260;
const PANEL_WIDTH = 150;
const LEAST_WIDTH = 320;
/** Room for the names of networks above the panels. */
const MARGIN_TOP = 36;
const MARGIN_LEFT = 56;
const MARGIN_BOTTOM = 92;

/** The plots by name. */
export async function plotStudy(study: Study): Promise<Readonly<Record<StudyPlotName, string>>> {
  const { Plot, document } = await drawing();
  const base = study.designs[0]!.name;
  const frame = {
    document,
    height: MARGIN_TOP + PANEL_HEIGHT + MARGIN_BOTTOM,
    width: Math.max(LEAST_WIDTH, MARGIN_LEFT + study.networks.length * PANEL_WIDTH),
    marginTop: MARGIN_TOP,
    marginLeft: MARGIN_LEFT,
    marginBottom: MARGIN_BOTTOM,
    style: { background: "white", color: "black", fontSize: "12px" },
    fx: { label: null, domain: study.networks.map(({ name }) => name) },
    x: { label: null, tickRotate: -45, domain: study.designs.map(({ name }) => labelOf(study, name)) },
  };
  const ratioPlot = (label: string, figure: (run: StudyRun) => number): string => {
    const rows = study.entries.map(({ network, design, runs }) => {
      const values = runs.map(figure);
      return { network, design: labelOf(study, design), least: Math.min(...values), most: Math.max(...values) };
    });
    const middle = ({ least, most }: (typeof rows)[number]): number => (least + most) / 2;
    const x = { fx: "network", x: "design" } as const;
    return svgOf(
      Plot.plot({
        ...frame,
        y: { label: null, grid: true, zero: true },
        marks: [
          Plot.ruleY([1], { stroke: "#888", strokeDasharray: "4 3" }),
          Plot.ruleX(rows, { ...x, y1: "least", y2: "most", stroke: COLOURS[0]!, strokeWidth: 5, strokeOpacity: 0.45 }),
          Plot.dot(rows, { ...x, y: middle, fill: COLOURS[0]!, r: 4 }),
        ],
      }),
      `${label} of each design over ${base}`,
    );
  };
  return {
    speed: ratioPlot("speed", ({ speedup }) => speedup),
    dram: ratioPlot("fewer DRAM bytes", ({ dramRatio }) => dramRatio),
    energy: svgOf(
      Plot.plot({
        ...frame,
        y: { label: null, grid: true },
        color: { legend: false, domain: [...COMPONENTS], range: COLOURS },
        marks: [
          Plot.barY(energyParts(study), {
            fx: "network",
            x: "design",
            y: "part",
            fill: "component",
            order: [...COMPONENTS],
          }),
          Plot.ruleY([0]),
        ],
      }),
      `energy of each design by component, beside ${base}`,
    ),
  };
}

/** Components of each design's mean energy over values, as parts of the base's. */
function energyParts(study: Study) {
  return study.networks.flatMap(({ name }) => {
    const entries = study.entries.filter(({ network }) => network === name);
    const mean = (runs: readonly StudyRun[], figure: (run: StudyRun) => number): number =>
      runs.reduce((sum, run) => sum + figure(run), 0) / runs.length;
    const whole = mean(entries[0]!.runs, ({ energyPj }) => energyPj);
    return entries.flatMap(({ design, runs }) =>
      COMPONENTS.map((component) => ({
        network: name,
        design: labelOf(study, design),
        component,
        part: mean(runs, ({ energyByComponentPj }) => energyByComponentPj[component] ?? 0) / whole,
      })),
    );
  });
}

/** A design's name, marked where its model is not calibrated. */
function labelOf({ designs }: Study, design: string): string {
  const { calibration } = designs.find(({ name }) => name === design)!;
  return calibration?.isCalibrated === false ? `${design} *` : design;
}

/** Colours of the components, for a legend beside the plots. */
export const COMPONENT_COLOURS: readonly { readonly component: string; readonly colour: string }[] = COMPONENTS.map(
  (component, index) => ({ component, colour: COLOURS[index]! }),
);
