/** A network layer by layer, before any hardware: shapes, MACs, parameters, and its totals beside the published ones. */
import { formatQuantity } from "../sim/core/units.js";
import { isMatrixLayer, type Layer, layerMacs } from "../sim/ir/layer.js";
import { type Network, networkMacs, networkParameters } from "../sim/ir/network.js";
import { grouped } from "./figures.js";
import { type Paint, PLAIN } from "./paint.js";
import { type Column, pageWidth, renderColumns, renderPairs } from "./text-table.js";

/** Published totals of a built-in network. */
export interface PublishedTotals {
  readonly macs?: { readonly value: number; readonly source: string };
  readonly parameters?: { readonly value: number; readonly source: string };
}

function kindOf(layer: Layer): string {
  if (layer.kind === "vector") return layer.function;
  return layer.kind === "move" ? layer.movement : layer.kind;
}

/** Loop bounds of a matrix layer that are not one, or the shape of what another layer leaves. */
function shapeOf(network: Network, layer: Layer): string {
  if (!isMatrixLayer(layer)) return `[${network.tensors.get(layer.outputs[0] ?? "")?.shape.join(", ") ?? ""}]`;
  return Object.entries(layer.bounds)
    .filter(([, bound]) => bound !== 1)
    .map(([name, bound]) => `${name}${bound}`)
    .join(" ");
}

function learnedElements(network: Network, layer: Layer): number {
  let sum = 0;
  for (const name of new Set(layer.inputs)) {
    const tensor = network.tensors.get(name);
    if (tensor?.role === "weight") sum += tensor.shape.reduce((product, dimension) => product * dimension, 1);
  }
  return sum;
}

/** As many digits as the source gave: three with a prefix, or all of them. */
function publishedText(value: number): string {
  return Number(value.toPrecision(3)) === value ? formatQuantity(value, "") : grouped(value);
}

function gap(ours: number, published: { readonly value: number; readonly source: string } | undefined): string {
  if (published === undefined) return grouped(ours);
  const relative = ours / published.value - 1;
  const difference = ours === published.value ? "equal" : `${relative >= 0 ? "+" : ""}${(100 * relative).toFixed(2)} %`;
  return `${grouped(ours)} (published ${publishedText(published.value)}, ${difference}; ${published.source})`;
}

const KIND_WIDTH = 16;
const COUNT_WIDTH = 8;
/** Widths of name and shape grow with the page up to here. */
const LONGEST_NAME = 40;
const LONGEST_SHAPE = 48;

/** Name and shape share what the other columns leave; in narrow pages the kind goes first. */
function networkColumns(network: Network, width: number): Column<Layer>[] {
  const count = (value: number): string => (value === 0 ? "-" : formatQuantity(value, ""));
  const counts: Column<Layer>[] = [
    { title: "MACs", width: COUNT_WIDTH, align: "right", cell: (layer) => count(layerMacs(layer)) },
    { title: "params", width: COUNT_WIDTH, align: "right", cell: (layer) => count(learnedElements(network, layer)) },
  ];
  const kind: Column<Layer> = { title: "kind", width: KIND_WIDTH, align: "left", cell: kindOf };
  const hasKind = width >= 70;
  const free = width - 2 * COUNT_WIDTH - 3 - (hasKind ? KIND_WIDTH + 1 : 0);
  const nameWidth = Math.min(LONGEST_NAME, Math.ceil(free / 2));
  const shapeWidth = Math.min(LONGEST_SHAPE, free - nameWidth);
  return [
    { title: "layer", width: nameWidth, align: "left", cell: (layer) => layer.name },
    ...(hasKind ? [kind] : []),
    { title: "shape", width: shapeWidth, align: "left", cell: (layer) => shapeOf(network, layer), wrap: true },
    ...counts,
  ];
}

/** Layers and totals of a network. */
export function renderNetworkTable(
  network: Network,
  published: PublishedTotals,
  pageColumns: number,
  paint: Paint = PLAIN,
): string {
  const width = pageWidth(pageColumns);
  const pairs: (readonly [string, string])[] = [
    ["network", network.name],
    ["source", network.source],
    ["layers", grouped(network.layers.length)],
    ["MACs", gap(networkMacs(network), published.macs)],
    ["parameters", gap(networkParameters(network), published.parameters)],
    ...network.notes.map((note) => ["note", note] as const),
  ];
  const table = renderColumns(networkColumns(network, width), network.layers, paint);
  return `${table}\n\n${renderPairs(pairs, width, paint.title)}\n`;
}
