/** The inner loop of SCNN's timing as a WebAssembly module. */
export { crossChannels } from "./cross-channels";

/** Where the memory is free. */
export function heapBase(): usize {
  return __heap_base;
}
