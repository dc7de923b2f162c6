/**
 * The mesh with values, cycle by cycle. A cycle lets sums leave, then ports give words to their lanes, then PEs that have both words
 * of a step multiply and hand them on. What is handed on is seen in the cycle after: PEs are worked off from the last to the first.
 */
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { FunctionalRun, GemmTile } from "../pe-array.js";
import { RegisterCounts } from "../register-counts.js";
import type { Operands } from "../systolic-operands.js";
import { type FoldShape, type Lane, lanesOf } from "./fold-schedule.js";
import type { OsMeshParameters } from "./os-mesh-parameters.js";
import { WordFifos } from "./word-fifos.js";

interface Fold extends FoldShape {
  readonly firstRow: number;
  readonly firstColumn: number;
}

export class MeshRegisters {
  readonly #mesh: OsMeshParameters;
  readonly #ifmap: Operands;
  readonly #weight: Operands;
  readonly #tile: GemmTile;
  readonly #arithmetic: AccumulatorArithmetic;
  readonly #counts = new RegisterCounts();
  readonly #ofmap: Int32Array;
  /** Words that wait at each PE, from the left and from above. */
  readonly #inputs: WordFifos;
  readonly #weights: WordFifos;
  readonly #sums: Int32Array;
  readonly #steps: Uint32Array;
  /** PEs of the fold whose sums wait at each write port. */
  readonly #leaving: number[][];
  #cycles = 0;

  constructor(
    mesh: OsMeshParameters,
    arithmetic: AccumulatorParameters,
    ifmap: Operands,
    weight: Operands,
    tile: GemmTile,
  ) {
    this.#mesh = mesh;
    this.#ifmap = ifmap;
    this.#weight = weight;
    this.#tile = tile;
    this.#arithmetic = new AccumulatorArithmetic("psum", arithmetic.accumulatorBits, arithmetic.overflow);
    this.#ofmap = new Int32Array(tile.rows * tile.columns);
    const pes = Math.min(mesh.rows, tile.rows) * Math.min(mesh.cols, tile.columns);
    this.#inputs = new WordFifos(pes);
    this.#weights = new WordFifos(pes);
    this.#sums = new Int32Array(pes);
    this.#steps = new Uint32Array(pes);
    this.#leaving = Array.from({ length: Math.min(mesh.writePorts, mesh.rows * mesh.cols) }, () => []);
  }

  /** @throws UnsupportedError on overflow, when the design says so */
  run(): FunctionalRun {
    const { rows: M, columns: N, reduction } = this.#tile;
    for (let firstRow = 0; firstRow < M; firstRow += this.#mesh.rows) {
      for (let firstColumn = 0; firstColumn < N; firstColumn += this.#mesh.cols) {
        const rows = Math.min(this.#mesh.rows, M - firstRow);
        const cols = Math.min(this.#mesh.cols, N - firstColumn);
        this.#runFold({ rows, cols, reduction, firstRow, firstColumn });
      }
    }
    const counts = this.#counts;
    return {
      ofmap: this.#ofmap,
      cycles: this.#cycles,
      macOps: counts.macOps,
      ifmapReads: counts.rowPortReads,
      weightReads: counts.columnPortReads,
      ofmapWrites: counts.ofmapWrites,
      psumReads: counts.psumReads,
      operandRegisterWrites: counts.operandRegisterWrites,
      psumRegisterWrites: counts.psumRegisterWrites,
      overflowEvents: this.#arithmetic.overflowEvents,
    };
  }

  #runFold(fold: Fold): void {
    const pes = fold.rows * fold.cols;
    this.#sums.fill(0);
    this.#steps.fill(0);
    const lanes = lanesOf(this.#mesh, fold);
    let left = pes;
    for (let cycle = 0; left > 0; cycle++) {
      left -= this.#writeSums(fold);
      for (const [row, lane] of lanes.rowLanes.entries()) {
        const step = stepAt(cycle, lane, lanes.inUse);
        if (step === undefined || step >= fold.reduction) continue;
        this.#inputs.push(row * fold.cols, this.#ifmap[(fold.firstRow + row) * fold.reduction + step]!);
        this.#counts.rowPortReads++;
      }
      for (const [column, lane] of lanes.columnLanes.entries()) {
        const step = stepAt(cycle, lane, lanes.inUse);
        if (step === undefined || step >= fold.reduction) continue;
        this.#weights.push(column, this.#weight[step * this.#tile.columns + fold.firstColumn + column]!);
        this.#counts.columnPortReads++;
      }
      for (let pe = pes - 1; pe >= 0; pe--) this.#multiply(pe, fold);
      this.#cycles++;
    }
  }

  #multiply(pe: number, fold: Fold): void {
    if (!this.#inputs.hasWord(pe) || !this.#weights.hasWord(pe)) return;
    const [row, column] = [Math.floor(pe / fold.cols), pe % fold.cols];
    const input = this.#inputs.take(pe);
    const weight = this.#weights.take(pe);
    this.#sums[pe] = this.#arithmetic.hold(this.#sums[pe]! + input * weight, row, column);
    this.#counts.macOps++;
    this.#counts.operandRegisterWrites += 2;
    this.#counts.psumRegisterWrites++;
    if (column + 1 < fold.cols) this.#inputs.push(pe + 1, input);
    if (row + 1 < fold.rows) this.#weights.push(pe + fold.cols, weight);
    this.#steps[pe]!++;
    if (this.#steps[pe] === fold.reduction) {
      this.#leaving[(row * this.#mesh.cols + column) % this.#mesh.writePorts]!.push(pe);
    }
  }

  /** @returns sums that left */
  #writeSums(fold: Fold): number {
    let left = 0;
    for (const waiting of this.#leaving) {
      const pe = waiting.shift();
      if (pe === undefined) continue;
      const row = fold.firstRow + Math.floor(pe / fold.cols);
      this.#ofmap[row * this.#tile.columns + fold.firstColumn + (pe % fold.cols)] = this.#sums[pe]!;
      left++;
    }
    this.#counts.ofmapWrites += left;
    return left;
  }
}

/** Step whose word a lane is given in a cycle, when it is its turn. */
function stepAt(cycle: number, { port, place }: Lane, inUse: Uint32Array): number | undefined {
  return cycle % inUse[port]! === place ? Math.floor(cycle / inUse[port]!) : undefined;
}
