/** The products of steps on SIMD. Each has a module of its own, whose memory holds its arrays: several may be at work. */
import { instantiateModule, MemoryLayout, type WithMemory } from "../../../sim/core/web-assembly.js";
import { SIMD_BYTES } from "./simd-bytes.js";
import { StepProducts } from "./step-products.js";

interface SimdModule extends WithMemory {
  readonly multiplySteps: (
    ...operands: [
      steps: number,
      left: number,
      products: number,
      index: number,
      bytes: number,
      strideBytes: number,
      count: number,
    ]
  ) => void;
}

const BYTES = Float64Array.BYTES_PER_ELEMENT;

class SimdStepProducts extends StepProducts {
  readonly #module: SimdModule;
  readonly #addresses: readonly [steps: number, left: number, products: number];

  constructor(size: number, most: number, module: SimdModule, addresses: readonly [number, number, number]) {
    super(0, most);
    const { buffer } = module.memory;
    this.#module = module;
    this.#addresses = addresses;
    this.steps = new Float64Array(buffer, addresses[0], size * this.stride);
    this.left = new Int32Array(buffer, addresses[1], size);
    this.products = new Float64Array(buffer, addresses[2], size);
  }

  override multiply(index: number, step: number, count: number): void {
    const bytes = (step + (step % 2)) * BYTES;
    this.#module.multiplySteps(...this.#addresses, index, bytes, this.stride * BYTES, count);
  }
}

/** Products for rows of up to `most` steps: on SIMD where a module's memory can hold them, else plain. */
export function createStepProducts(size: number, most: number): StepProducts {
  const module = instantiateModule<SimdModule>(SIMD_BYTES);
  const layout = new MemoryLayout(module);
  const stride = most + (most % 2);
  const addresses = [layout.take(BYTES * size * stride), layout.take(4 * size), layout.take(BYTES * size)] as const;
  return layout.fit() ? new SimdStepProducts(size, most, module, addresses) : new StepProducts(size, most);
}
