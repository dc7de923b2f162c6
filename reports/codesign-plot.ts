/** Accuracy of every pair against its latency and its energy, as SVG without a script; pairs on the front are filled and numbered. */
import type { Codesign, CodesignEntry, CodesignFigures } from "../algorithms/explore/codesign.js";
import { COLOURS, drawing, svgOf } from "./svg.js";

export type CodesignPlotName = "latency" | "energy";

const WIDTH = 720;
const HEIGHT = 420;
/** Marks that can be filled, one a design. */
const SYMBOLS = ["circle", "square", "triangle", "diamond", "star", "wye"] as const;
const PICO = 1e-12;

const AXES: Readonly<
  Record<CodesignPlotName, { readonly label: string; readonly of: (figures: CodesignFigures) => number }>
> = {
  latency: { label: "latency (ms)", of: ({ latencySeconds }) => latencySeconds * 1e3 },
  energy: { label: "energy (mJ)", of: ({ energyPj }) => energyPj * PICO * 1e3 },
};

type RunEntry = CodesignEntry & { readonly figures: CodesignFigures };

/** The plots by name. */
export async function plotCodesign(study: Codesign): Promise<Readonly<Record<CodesignPlotName, string>>> {
  return { latency: await plotAgainst(study, "latency"), energy: await plotAgainst(study, "energy") };
}

async function plotAgainst({ entries, designs }: Codesign, name: CodesignPlotName): Promise<string> {
  const { Plot, document } = await drawing();
  const { label, of } = AXES[name];
  const points = entries
    .filter((entry): entry is RunEntry => entry.figures !== undefined)
    .map(({ encoding, design, figures, isOnFront }) => ({
      design,
      encoding,
      isOnFront,
      x: of(figures),
      accuracy: figures.accuracyFraction * 100,
    }));
  const front = points.filter(({ isOnFront }) => isOnFront);
  const place = { x: "x", y: "accuracy", stroke: "design", symbol: "design", r: 5 } as const;
  const plot = Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginRight: 24,
    marginTop: 30,
    marginLeft: 56,
    style: { background: "white", color: "black", fontSize: "12px" },
    x: { type: "log", label, grid: true, ticks: 6, tickFormat: "~g" },
    y: { label: "accuracy (%)", grid: true },
    color: { domain: designs.map((design) => design.name), range: [...COLOURS] },
    symbol: { domain: designs.map((design) => design.name), range: [...SYMBOLS] },
    marks: [
      Plot.dot(
        points.filter(({ isOnFront }) => !isOnFront),
        place,
      ),
      Plot.dot(front, { ...place, fill: "design" }),
      Plot.text(front, { x: "x", y: "accuracy", text: (_: unknown, at: number) => String(at + 1), dy: -11 }),
    ],
  });
  return svgOf(plot, `accuracy against ${label} of each pair of weights and design`);
}
