/** The WebAssembly module of the passes over rows (sources in simd/): compiled and instantiated at its first use, once. */
import { instantiateModule, type WithMemory } from "../../../sim/core/web-assembly.js";
import { SIMD_BYTES } from "./simd-bytes.js";

interface SimdModule extends WithMemory {
  readonly projectRows: (...operands: [...AddressesAndRows, threshold: number, rowThreshold: number]) => void;
  readonly quantizeRows: (...operands: [...AddressesAndRows, factors: number, greatest: number, sums: number]) => void;
  readonly multiplyMantissas: (values: number, rows: number, results: number) => void;
}

type AddressesAndRows = [first: number, second: number, third: number, rows: number];

let instance: SimdModule | undefined;

export function simdModule(): SimdModule {
  instance ??= instantiateModule<SimdModule>(SIMD_BYTES);
  return instance;
}
