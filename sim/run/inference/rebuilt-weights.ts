/**
 * Values of a stored tensor as a run takes them: of one that carries a container they are rebuilt from its coefficients and bases,
 * once for each program, and must be the codes that stand beside it, which other runtimes take.
 */
import type { KernelKind } from "../../../algorithms/kernels/kernel-set.js";
import { smartdealWeights } from "../../../algorithms/kernels/smartdeal-weights.js";
import { NetworkError, quoteForMessage } from "../../core/errors.js";
import type { StoredTensor } from "../../ir/import/onnx-tensor.js";
import type { TensorValues } from "../../ir/tensor.js";

const rebuilt: Readonly<Record<KernelKind, WeakMap<StoredTensor, TensorValues>>> = {
  reference: new WeakMap(),
  simd: new WeakMap(),
};

/** @throws NetworkError when a container does not stand for the codes that are stored */
export function storedValues(name: string, stored: StoredTensor, kernels: KernelKind): TensorValues {
  const { smartdeal, precision, shape } = stored;
  if (smartdeal === undefined) return stored.load();
  const known = rebuilt[kernels].get(stored);
  if (known !== undefined) return known;
  const codes = stored.load();
  const weights = smartdealWeights(
    smartdeal(),
    precision === "int16" ? 16 : 8,
    shape.length === 2 ? "matrix" : "filters",
    kernels,
  );
  const differing = weights.findIndex((weight, at) => weight !== codes[at]);
  if (differing !== -1) {
    throw new NetworkError({
      where: `initializer ${quoteForMessage(name)}`,
      got: `code ${codes[differing]} at ${differing}, where its coefficients and bases give ${weights[differing]}`,
      want: "codes that the container of the tensor stands for",
      fix: "compress the model again: one of the two was changed",
    });
  }
  rebuilt[kernels].set(stored, weights);
  return weights;
}
