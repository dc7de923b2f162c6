/** The WebAssembly module of the kernels (sources in simd/): compiled and instantiated at its first use, once. */
import { instantiateModule, type WithMemory } from "../../sim/core/web-assembly.js";
import { SIMD_BYTES } from "./simd-bytes.js";

/** Functions of numbers: addresses, counts and values, in the order that their sources state. */
type Native = (...operands: number[]) => void;

export interface SimdModule extends WithMemory {
  readonly placeRowsInt16: Native;
  readonly turnRowsInt16: Native;
  readonly turnSums: Native;
  readonly widenAll: Native;
  readonly widenColumns: Native;
  readonly packRowsInt16: Native;
  readonly packColumnsInt16: Native;
  readonly gemmInt16: Native;
  readonly correlateInt16: Native;
  readonly shiftAddColumns: Native;
  readonly sparseColumns: Native;
  readonly hasForeignCode: (...operands: number[]) => number;
  readonly rebuildSlices: Native;
  readonly requantizeRow: Native;
  readonly placeRowsFloat32: Native;
  readonly addToRow: Native;
  readonly packRowsFloat32: Native;
  readonly packColumnsFloat32: Native;
  readonly gemmFloat32: Native;
  readonly correlateFloat32: Native;
}

let instance: SimdModule | undefined;

export function simdModule(): SimdModule {
  instance ??= instantiateModule<SimdModule>(SIMD_BYTES);
  return instance;
}
