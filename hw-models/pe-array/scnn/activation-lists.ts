/**
 * The compressed activations of a pass: for each input channel and PE the places in the tables of a channel from which its
 * activations read their counts, and what all PEs have of a channel together.
 */
import type { LayerValues, TileBox } from "../layer-values.js";
import { bankSteps } from "./accumulator-banks.js";
import { compressedPlaces } from "./compressed-places.js";
import { type Crossing, tableBytes } from "./crossing.js";
import type { ScnnParameters } from "./scnn-parameters.js";
import { type PlanarPass, rowOffsets, type TilePlan } from "./tile-plan.js";
import { AxisClasses, bankOf, outputShare } from "./window-classes.js";

/** Activations of a pass, whatever their values. */
interface Piece {
  /** Where each lies in the ifmap, without the offset of a channel. */
  readonly at: Int32Array;
  readonly classOf: Int32Array;
  /** Place of its counts in the tables of a channel. */
  readonly tablePlace: Int32Array;
}

export class ActivationLists {
  readonly rowClasses: AxisClasses;
  readonly columnClasses: AxisClasses;
  readonly classes: number;
  readonly pes: number;
  /** Per input channel of the tile: activations, those of each class, vectors of all PEs, and of the PE with most. */
  readonly stored: Int32Array;
  readonly ofClass: Int32Array;
  readonly vectors: Int32Array;
  readonly mostVectors: Int32Array;
  readonly #parameters: ScnnParameters;
  readonly #layer: LayerValues;
  readonly #tile: TileBox;
  readonly #plan: TilePlan;
  readonly #pass: PlanarPass;

  constructor(parameters: ScnnParameters, layer: LayerValues, tile: TileBox, plan: TilePlan, pass: PlanarPass) {
    this.#parameters = parameters;
    this.#layer = layer;
    this.#tile = tile;
    this.#plan = plan;
    this.#pass = pass;
    this.rowClasses = new AxisClasses(pass.rows, plan.rowWindow.taps);
    this.columnClasses = new AxisClasses(pass.columns, plan.columnWindow.taps);
    this.classes = this.rowClasses.count * this.columnClasses.count;
    this.pes = pass.rows.pieces * pass.columns.pieces;
    const { C } = tile.extent;
    this.stored = new Int32Array(C);
    this.ofClass = new Int32Array(C * this.classes);
    this.vectors = new Int32Array(C);
    this.mostVectors = new Int32Array(C);
  }

  /** Most activations that a group has. */
  get capacity(): number {
    return this.#tile.extent.C * this.#pass.rows.length * this.#pass.columns.length;
  }

  /** @param classBytes bytes of the tables of a class */
  fill(crossing: Crossing, image: number, group: number, classBytes: number): void {
    const { bounds, window, ifmap } = this.#layer;
    const { from, extent } = this.#tile;
    const plane = window.ifmapHeight * window.ifmapWidth;
    const pieces = this.#pieces(rowOffsets(this.#layer, this.#tile, this.#plan, this.#pass, image), classBytes);
    const kept = new Int32Array(Math.max(0, ...pieces.map(({ at }) => at.length)));
    this.ofClass.fill(0);
    this.vectors.fill(0);
    this.mostVectors.fill(0);
    let end = 0;
    for (let c = 0; c < extent.C; c++) {
      const offset = (group * bounds.C + from.C + c) * plane;
      const before = end;
      for (const [pe, { at, classOf, tablePlace }] of pieces.entries()) {
        crossing.starts[c * this.pes + pe] = end;
        const count = compressedPlaces(ifmap, at, offset, at.length, this.#parameters.indexBits, kept);
        for (let index = 0; index < count; index++) {
          const place = kept[index]!;
          crossing.places[end++] = tablePlace[place]!;
          this.ofClass[c * this.classes + classOf[place]!]!++;
        }
        const vectors = Math.ceil(count / this.#parameters.activationVector);
        this.vectors[c]! += vectors;
        if (vectors > this.mostVectors[c]!) this.mostVectors[c] = vectors;
      }
      this.stored[c] = end - before;
    }
    crossing.starts[extent.C * this.pes] = end;
  }

  #pieces(offsets: Int32Array, classBytes: number): Piece[] {
    const { rows, columns } = this.#pass;
    const { accumulatorBanks: banks, activationVector } = this.#parameters;
    const steps = bankSteps(activationVector);
    const pieces: Piece[] = [];
    for (let i = 0; i < rows.pieces; i++) {
      for (let j = 0; j < columns.pieces; j++) {
        const [firstRow, endRow] = [i * rows.piece, rows.endOf(i)];
        const [firstColumn, endColumn] = [j * columns.piece, columns.endOf(j)];
        const length = (endRow - firstRow) * (endColumn - firstColumn);
        const piece = {
          at: new Int32Array(length),
          classOf: new Int32Array(length),
          tablePlace: new Int32Array(length),
        };
        let place = 0;
        for (let row = firstRow; row < endRow; row++) {
          const p = outputShare(this.#plan.rowWindow, rows.first + row) - rows.firstOutput[i]!;
          for (let column = firstColumn; column < endColumn; column++) {
            const q = outputShare(this.#plan.columnWindow, columns.first + column) - columns.firstOutput[j]!;
            const group =
              this.rowClasses.classOf[row]! * this.columnClasses.count + this.columnClasses.classOf[column]!;
            piece.at[place] = offsets[row]! + columns.first + column;
            piece.classOf[place] = group;
            piece.tablePlace[place] = group * classBytes + bankOf(-(p * steps.row + q * steps.column), banks);
            place++;
          }
        }
        pieces.push(piece);
      }
    }
    return pieces;
  }
}

/** Bytes of the tables of a class of activations: one table for each vector of weights of a group. */
export function classTableBytes({ weightVector, accumulatorBanks }: ScnnParameters, groupWeights: number): number {
  return Math.ceil(groupWeights / weightVector) * tableBytes(accumulatorBanks);
}
