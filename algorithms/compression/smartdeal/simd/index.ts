/** The passes over rows of the decomposition as one WebAssembly module; each is described where it is defined. */
export { multiplyMantissas, projectRows, quantizeRows } from "./row-passes";

/** Where the memory is free. */
export function heapBase(): usize {
  return __heap_base;
}
