/** The inner loops of the register-level arrays as one WebAssembly module; each is described where it is defined. */
export { accumulateInPlaceBlock } from "./in-place";
export { shiftSouthBlock } from "./load";
export { accumulatePassingBlock } from "./passing";

/** Where the memory is free. */
export function heapBase(): usize {
  return __heap_base;
}
