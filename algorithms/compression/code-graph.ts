/**
 * Nodes of a quantized graph as they are emitted, and in which forms each value exists: under its own name as real numbers, as
 * codes, or both. A form that is asked for and not there is made by a QuantizeLinear or DequantizeLinear, once.
 */
import type { NodeProto, OnnxGraphEditor } from "../../sim/ir/export/onnx-graph-editor.js";
import { nodeProto } from "../../sim/ir/export/onnx-parts.js";
import { tensorOf } from "../../sim/ir/tensor-data.js";
import type { ActivationCodes } from "./activation-codes.js";

/** Codes of a value by the names in the graph. */
export interface NamedCodes extends ActivationCodes {
  readonly name: string;
  readonly scaleName: string;
  readonly zeroName: string;
}

export class CodeGraph {
  readonly nodes: NodeProto[] = [];
  readonly #graph: OnnxGraphEditor;
  readonly #reals = new Set<string>();
  readonly #codes = new Map<string, NamedCodes>();
  /** Values whose codes an operator computed, rather than a QuantizeLinear. */
  readonly #computed = new Set<string>();
  readonly #dequantized = new Map<string, string>();

  constructor(graph: OnnxGraphEditor) {
    this.#graph = graph;
  }

  emit(node: NodeProto): void {
    this.nodes.push(node);
  }

  /** Notes that a value exists as real numbers under its own name. */
  addReal(value: string): void {
    this.#reals.add(value);
  }

  /** Names for the codes of a value that an operator is about to compute. */
  addComputedCodes(value: string, codes: ActivationCodes): NamedCodes {
    const named = { ...codes, name: this.#graph.freshName(`${value}_codes`), ...this.#storeScale(value, codes) };
    this.#codes.set(value, named);
    this.#computed.add(value);
    return named;
  }

  /** Names for codes that an operator moves from another value, of the same scale. */
  addMovedCodes(value: string, from: NamedCodes): NamedCodes {
    const named = { ...from, name: this.#graph.freshName(`${value}_codes`) };
    this.#codes.set(value, named);
    this.#computed.add(value);
    return named;
  }

  #storeScale(value: string, { precision, scale, zero }: ActivationCodes) {
    return {
      scaleName: this.#graph.store(`${value}_scale`, tensorOf([], "fp32", [scale])),
      zeroName: this.#graph.store(`${value}_zero`, tensorOf([], precision, [zero])),
    };
  }

  /** Codes of a value when an operator computed them. */
  computedCodes(value: string): NamedCodes | undefined {
    return this.#computed.has(value) ? this.#codes.get(value) : undefined;
  }

  /** Codes of a value; real numbers are quantized as `wanted` says. */
  codesOf(value: string, wanted: ActivationCodes): NamedCodes {
    const known = this.#codes.get(value);
    if (known !== undefined) return known;
    const named = { ...wanted, name: this.#graph.freshName(`${value}_codes`), ...this.#storeScale(value, wanted) };
    this.quantize(value, named);
    this.#codes.set(value, named);
    return named;
  }

  /** Emits the QuantizeLinear that makes codes from a name of real numbers. */
  quantize(real: string, { name, scaleName, zeroName }: NamedCodes): void {
    this.emit(nodeProto({ operator: "QuantizeLinear", name, inputs: [real, scaleName, zeroName], outputs: [name] }));
  }

  /** A value as real numbers under its own name: as it was computed, or from its codes. */
  realOf(value: string): string {
    const codes = this.#codes.get(value);
    if (codes === undefined || this.#reals.has(value)) return value;
    this.#dequantize(codes, value);
    this.#reals.add(value);
    return value;
  }

  /** The real numbers that a value's codes stand for, under whatever name they have. */
  dequantizedOf(value: string, codes: NamedCodes): string {
    if (!this.#reals.has(value)) return this.realOf(value);
    if (this.#computed.has(value)) return value;
    let name = this.#dequantized.get(value);
    if (name === undefined) {
      name = this.#graph.freshName(`${value}_dequantized`);
      this.#dequantize(codes, name);
      this.#dequantized.set(value, name);
    }
    return name;
  }

  #dequantize({ name, scaleName, zeroName }: NamedCodes, output: string): void {
    this.emit(
      nodeProto({ operator: "DequantizeLinear", name: output, inputs: [name, scaleName, zeroName], outputs: [output] }),
    );
  }
}
