/** What every layer of a graph reads over samples, gathered as values pass by. */
import type { NodeProto, OnnxGraphEditor } from "../../sim/ir/export/onnx-graph-editor.js";
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { groupsOf, type InputStatistics, LayerInputs } from "./layer-inputs.js";
import { readLayerWeights } from "./layer-weights.js";
import { layersKept } from "./layers-kept.js";
import type { CompressionMethod } from "./method.js";

/** Outer products of layers with more rows would cost more than they give. */
const MAX_ROWS = 2048;
/** Bytes of all outer products; layers past it round to the nearest. */
const MAX_BYTES = 2 ** 29;

export class NetworkInputs {
  readonly #ofNode = new Map<NodeProto, LayerInputs>();
  readonly #ofValue = new Map<string, LayerInputs[]>();

  /** @param method says whether outer products are gathered beside means, which is as far as bounds allow */
  constructor(graph: OnnxGraphEditor, { readsProducts, keep }: Pick<CompressionMethod, "readsProducts" | "keep">) {
    const layers = graph.nodes.filter((node) => readLayerWeights(graph, node) !== undefined);
    const kept = layersKept(graph, layers, keep);
    let bytes = 0;
    for (const node of layers) {
      const weights = readLayerWeights(graph, node)!;
      if (weights.columns % groupsOf(node) !== 0) continue;
      const size = groupsOf(node) * weights.reduction ** 2 * Float64Array.BYTES_PER_ELEMENT;
      const isSquare = readsProducts && !kept.has(node) && weights.reduction <= MAX_ROWS && bytes + size <= MAX_BYTES;
      if (isSquare) bytes += size;
      const inputs = new LayerInputs(node, weights, isSquare);
      this.#ofNode.set(node, inputs);
      const value = node.input[0]!;
      this.#ofValue.set(value, [...(this.#ofValue.get(value) ?? []), inputs]);
    }
  }

  /** Adds a value of one sample to the layers that read it. */
  add(value: string, tensor: NumberTensor): void {
    for (const inputs of this.#ofValue.get(value) ?? []) inputs.add(tensor);
  }

  /** What a layer read; undefined when it read nothing. */
  statisticsOf(node: NodeProto): InputStatistics | undefined {
    return this.#ofNode.get(node)?.statistics();
  }
}
