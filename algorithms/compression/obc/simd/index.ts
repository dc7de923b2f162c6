/** The loop of ExactOBS and OBQ as one WebAssembly module; it is described where it is defined. */
export { multiplySteps } from "./multiply-steps";

/** Where the memory is free. */
export function heapBase(): usize {
  return __heap_base;
}
