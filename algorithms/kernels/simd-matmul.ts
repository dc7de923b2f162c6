/**
 * Products of float32 matrices on SIMD with the bits of matmul.ts: lanes hold neighbouring columns, so each sum still takes its
 * products one after another in the order of k.
 */
import { MemoryLayout } from "../../sim/core/web-assembly.js";
import { type MultiplyMatrices, multiplyMatrices } from "./matmul.js";
import { simdModule } from "./simd-module.js";
import { layOutProduct, multiplyBlocks } from "./simd-product.js";

/** For matmul and gemm of matmul.ts; other element types go through the plain loops. */
export const simdMultiplyMatrices: MultiplyMatrices = (output, at, first, a, second, b, extents) => {
  const { rows, reduction, columns } = extents;
  const [y, x, w] = [output.values, first.values, second.values];
  const areFloat = y instanceof Float32Array && x instanceof Float32Array && w instanceof Float32Array;
  if (!areFloat || rows * reduction * columns === 0) {
    multiplyMatrices(output, at, first, a, second, b, extents);
    return;
  }
  const module = simdModule();
  const layout = new MemoryLayout(module);
  const product = layOutProduct(layout, "float32", [rows, columns, reduction]);
  const firstAt = layout.take(rows * reduction * 4);
  const secondAt = layout.take(reduction * columns * 4);
  if (!layout.fit()) {
    multiplyMatrices(output, at, first, a, second, b, extents);
    return;
  }
  const { buffer } = module.memory;
  new Float32Array(buffer, firstAt, rows * reduction).set(x.subarray(a.offset, a.offset + rows * reduction));
  new Float32Array(buffer, secondAt, reduction * columns).set(w.subarray(b.offset, b.offset + reduction * columns));
  module.packRowsFloat32(firstAt, product.rowPanels, rows, reduction, a.rowStride, a.columnStride);
  const offsets = new Int32Array(buffer, product.offsets, reduction);
  for (let k = 0; k < reduction; k++) offsets[k] = k * b.rowStride;
  const bases = new Int32Array(buffer, product.bases, columns);
  for (let n = 0; n < columns; n++) bases[n] = n * b.columnStride;
  multiplyBlocks(module, product, secondAt, (address, m, column, count) =>
    y.set(new Float32Array(buffer, address, count), at + m * columns + column),
  );
};
