/** Values of a network from its program, which was run: what layers read as codes, weights as the file stores them. */
import { isMatrixLayer, type MatrixLayer } from "../../ir/layer.js";
import type { Network } from "../../ir/network.js";
import type { MatrixOperation } from "../../ir/operation.js";
import { viewsOf } from "../functional/functional-layouts.js";
import type { Codes, IfmapView, WeightView } from "../functional/functional-operands.js";
import type { ProgramLayer, ProgramValues } from "../functional/functional-program.js";
import type { ValueOrigin } from "../functional/functional-types.js";
import type { LayerWeightValues, RealValueSource, RealValues } from "./real-values.js";

export class ProgramLayerValues implements RealValueSource {
  readonly #network: Network;
  readonly #program: ProgramValues;
  readonly #layers: ReadonlyMap<string, MatrixLayer>;
  /** For layers whose operands the program does not tell. */
  readonly #others: RealValueSource;

  constructor(network: Network, program: ProgramValues, others: RealValueSource) {
    this.#network = network;
    this.#program = program;
    this.#others = others;
    this.#layers = new Map(network.layers.filter(isMatrixLayer).map((layer) => [layer.name, layer]));
  }

  valuesOf(operation: MatrixOperation): RealValues {
    const layer = this.#layers.get(operation.name)!;
    const found = this.#program.operandsOf(layer);
    const views = found === undefined ? undefined : viewsOf(layer, found);
    if (found === undefined || views === undefined) return this.#others.valuesOf(operation);
    const originOf = (isStored: boolean): ValueOrigin => (isStored ? "file" : "run");
    const weightsOf = () => this.#weightsOf(operation, layer, found, views.weight);
    return {
      get ifmap() {
        return planesOf(views.ifmap, operation);
      },
      get weight() {
        return weightsOf();
      },
      origin: { weights: originOf(found.second.isStored), activations: originOf(found.first.isStored) },
    };
  }

  #weightsOf(operation: MatrixOperation, layer: MatrixLayer, found: ProgramLayer, view: WeightView): LayerWeightValues {
    const codes = filtersOf(view, operation);
    const container = this.#network.tensors.get(operation.weight.storage)?.smartdeal?.();
    if (container !== undefined) return { codes, smartdeal: container };
    const scales = found.node.tflite?.inputs[1]?.quantization?.scales;
    if (scales === undefined || scales.length === 0 || !operation.weightIsStatic) return { codes };
    const { C, R, S } = layer.bounds;
    const filter = C * R * S;
    return {
      codes,
      reals: Float64Array.from(codes, (code, at) => code * scales[Math.floor(at / filter) % scales.length]!),
    };
  }
}

/** A view as planes, [N, G*C, H, W]. */
function planesOf(view: IfmapView, { bounds, window }: MatrixOperation): Codes {
  const { G, N, C } = bounds;
  const { ifmapHeight, ifmapWidth } = window;
  const { codes } = view;
  const length = N * G * C * ifmapHeight * ifmapWidth;
  const planes = codes instanceof Int8Array ? new Int8Array(length) : new Int16Array(length);
  let at = 0;
  for (let n = 0; n < N; n++) {
    for (let g = 0; g < G; g++) {
      for (let c = 0; c < C; c++) {
        for (let h = 0; h < ifmapHeight; h++) {
          const from = n * view.batch + g * view.group + c * view.channel + h * view.row;
          for (let w = 0; w < ifmapWidth; w++) planes[at++] = codes[from + w * view.column]!;
        }
      }
    }
  }
  return planes;
}

/** A view as filters, [G*K, C, R, S]. */
function filtersOf(view: WeightView, { bounds }: MatrixOperation): Codes {
  const { G, K, C, R, S } = bounds;
  const { codes } = view;
  const filter = C * R * S;
  const filters = codes instanceof Int8Array ? new Int8Array(G * K * filter) : new Int16Array(G * K * filter);
  let at = 0;
  for (let g = 0; g < G; g++) {
    for (let k = 0; k < K; k++) {
      const from = g * view.group + k * view.column;
      for (let index = 0; index < filter; index++) filters[at++] = codes[from + index * view.reduction]!;
    }
  }
  return filters;
}
