/** A network layer by layer, before any hardware: shapes, MACs, parameters, and its totals beside the published ones. */
import { formatQuantity } from "../sim/core/units.js";
import { isMatrixLayer, type Layer, layerMacs } from "../sim/ir/layer.js";
import { type Network, networkMacs, networkParameters } from "../sim/ir/network.js";
import { type Column, grouped, renderColumns, renderPairs } from "./text-table.js";

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

function gap(ours: number, published: { readonly value: number; readonly source: string } | undefined): string {
  if (published === undefined) return grouped(ours);
  const relative = ours / published.value - 1;
  const difference = ours === published.value ? "equal" : `${relative >= 0 ? "+" : ""}${(100 * relative).toFixed(2)} %`;
  return `${grouped(ours)} (published ${formatQuantity(published.value, "")}, ${difference}; ${published.source})`;
}

export function renderNetworkTable(network: Network, published: PublishedTotals, width: number): string {
  const columns: Column<Layer>[] = [
    { title: "layer", width: Math.max(16, Math.min(40, width - 54)), align: "left", cell: (layer) => layer.name },
    { title: "kind", width: 16, align: "left", cell: kindOf },
    {
      title: "shape",
      width: Math.max(18, Math.min(40, width - 62)),
      align: "left",
      cell: (layer) => shapeOf(network, layer),
    },
    {
      title: "MACs",
      width: 8,
      align: "right",
      cell: (layer) => (layerMacs(layer) === 0 ? "-" : formatQuantity(layerMacs(layer), "")),
    },
    { title: "params", width: 8, align: "right", cell: (layer) => formatQuantity(learnedElements(network, layer), "") },
  ];
  const totals = renderPairs(
    [
      ["network", network.name],
      ["source", network.source],
      ["MACs", gap(networkMacs(network), published.macs)],
      ["parameters", gap(networkParameters(network), published.parameters)],
      ...network.notes.map((note) => ["note", note] as const),
    ],
    width,
  );
  return `${renderColumns(columns, network.layers)}\n\n${totals}\n`;
}
