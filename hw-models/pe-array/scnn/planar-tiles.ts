/**
 * One axis of planar tiling: the ifmap rows (or columns) under a stretch of outputs, cut into pieces of one length over the PEs
 * of the axis, and the outputs that each piece reaches. Those of neighbours overlap: sums in the overlap, the halo, are sent to
 * their owner at the end of a group of output channels.
 *
 *     output = (place + pad - tap * dilation) / stride        where that is whole and within the stretch
 */
import { ceilDiv } from "../../../sim/core/integers.js";

/** How windows lie along an axis. */
export interface AxisWindow {
  readonly size: number;
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
}

/** Most places that windows of so many outputs lie over. */
export function reachOfOutputs({ size, taps, stride, dilation }: AxisWindow, outputs: number): number {
  return Math.min(size, (outputs - 1) * stride + (taps - 1) * dilation + 1);
}

/** Most outputs, of so many, that a piece of the plane reaches. */
export function outputsOfPiece({ taps, stride, dilation }: AxisWindow, piece: number, outputs: number): number {
  return Math.min(outputs, Math.floor((piece - 1 + (taps - 1) * dilation) / stride) + 1);
}

export class AxisTiles {
  /** First place of the ifmap that is cut, and how many there are; none where windows lie on padding alone. */
  readonly first: number;
  readonly length: number;
  /** Places of a piece; the last one may be shorter. */
  readonly piece: number;
  readonly pieces: number;
  /** First output that each piece reaches, and how many from there. */
  readonly firstOutput: Int32Array;
  readonly outputs: Int32Array;
  /** Outputs that any piece reaches. */
  readonly reached: number;
  /** Output of each place under each tap, [length, taps]; -1 where there is none. */
  readonly outputOf: Int32Array;

  constructor(window: AxisWindow, fromOutput: number, outputs: number, parts: number) {
    const { size, taps, stride, dilation, pad } = window;
    const begin = Math.max(0, fromOutput * stride - pad);
    const end = Math.min(size, (fromOutput + outputs - 1) * stride - pad + (taps - 1) * dilation + 1);
    this.first = begin;
    this.length = Math.max(0, end - begin);
    this.piece = Math.max(1, ceilDiv(this.length, parts));
    this.pieces = ceilDiv(this.length, this.piece);
    this.outputOf = new Int32Array(this.length * taps).fill(-1);
    this.firstOutput = new Int32Array(this.pieces).fill(-1);
    this.outputs = new Int32Array(this.pieces);
    for (let place = 0; place < this.length; place++) {
      for (let tap = 0; tap < taps; tap++) {
        const distance = begin + place + pad - tap * dilation;
        const output = distance / stride;
        if (distance % stride !== 0 || output < fromOutput || output >= fromOutput + outputs) continue;
        this.outputOf[place * taps + tap] = output;
        this.#reach(Math.floor(place / this.piece), output);
      }
    }
    const isReached = new Uint8Array(outputs);
    for (let piece = 0; piece < this.pieces; piece++) {
      const first = this.firstOutput[piece]! - fromOutput;
      isReached.fill(1, first, first + this.outputs[piece]!);
    }
    this.reached = isReached.reduce((sum, one) => sum + one, 0);
  }

  #reach(piece: number, output: number): void {
    const first = this.firstOutput[piece]!;
    const end = first < 0 ? output + 1 : Math.max(first + this.outputs[piece]!, output + 1);
    this.firstOutput[piece] = first < 0 ? output : Math.min(first, output);
    this.outputs[piece] = end - this.firstOutput[piece]!;
  }

  /** End of a piece. */
  endOf(piece: number): number {
    return Math.min((piece + 1) * this.piece, this.length);
  }
}
