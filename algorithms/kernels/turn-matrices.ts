/**
 * Turns the matrices of a batch round. Pixels with their channels side by side ([N, H, W, C], as TFLite keeps tensors) become a
 * plane for each channel ([N, C, H, W], as the kernels read them) when a matrix has a row a pixel; filters likewise.
 */
import type { NumberTensor } from "../../sim/ir/tensor-data.js";

/** output [batch, columns, rows] = input [batch, rows, columns], whatever axes these stand for in the tensors. */
export function turnMatrices(output: NumberTensor, input: NumberTensor, batch: number, columns: number): void {
  const [x, y] = [input.values, output.values];
  const rows = x.length / (batch * columns);
  let at = 0;
  for (let matrix = 0; matrix < batch; matrix++) {
    const start = matrix * rows * columns;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) y[start + column * rows + row] = x[at++]!;
    }
  }
}
