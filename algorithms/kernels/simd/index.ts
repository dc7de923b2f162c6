/** The kernels of this folder as one WebAssembly module; each is described where it is defined. */
export { correlateFloat32, correlateInt16 } from "./correlate";
export { gemmFloat32 } from "./gemm-float32";
export { gemmInt16 } from "./gemm-int16";
export { addToRow, packColumnsFloat32, packRowsFloat32, placeRowsFloat32 } from "./pack-float32";
export {
  packColumnsInt16,
  packRowsInt16,
  placeRowsInt16,
  turnRowsInt16,
  turnSums,
  widenAll,
  widenColumns,
} from "./pack-int16";
export { requantizeRow } from "./requantize";
export { shiftAddColumns } from "./shift-add";
export { hasForeignCode, rebuildSlices } from "./smartdeal-rebuild";
export { sparseColumns } from "./sparse-columns";

/** Where the memory is free. */
export function heapBase(): usize {
  return __heap_base;
}
