/**
 * Loading of stationary operands. They enter at the top and shift south one row a cycle, each until it has come to its row: in
 * shadow registers, from which each PE takes its operand over when the fold's first element reaches it, or in the working ones
 * while nothing uses them. A ragged fold sits on the bottom rows.
 */
import type { FoldList } from "./fold-list.js";
import type { RegisterCounts } from "./register-counts.js";
import type { RegisterLanes, RegisterSizes } from "./register-lanes.js";
import { BLOCK_CYCLES, type OperandView } from "./systolic-operands.js";
import type { StationaryOperand } from "./systolic-timing.js";

export class StationaryLoader {
  /** Working register of each PE. */
  readonly held: Int16Array;
  readonly #parameters: StationaryOperand;
  readonly #lanes: RegisterLanes | undefined;
  /** Shift chain from the top: the shadow registers, or the working ones themselves. */
  readonly #chain: Int16Array;
  /** What the top of the chain takes in each cycle of a block. */
  readonly #entering: Int16Array;

  constructor(parameters: StationaryOperand, lanes: RegisterLanes | undefined) {
    this.#parameters = parameters;
    this.#lanes = lanes;
    const { columns, chain, entering } = StationaryLoader.sizesOf(parameters);
    this.held = lanes?.columns ?? new Int16Array(columns);
    this.#chain = lanes?.chain ?? (chain > 0 ? new Int16Array(chain) : this.held);
    this.#entering = lanes?.entering ?? new Int16Array(entering);
  }

  /** Registers that loading takes. */
  static sizesOf({ rows, cols, weightPreload }: StationaryOperand): Omit<RegisterSizes, "psums" | "east"> {
    const chain = weightPreload === "shadow" ? rows * cols : 0;
    return { columns: rows * cols, chain, entering: BLOCK_CYCLES * cols };
  }

  /**
   * Four cycles of a fold's load. Column c takes the operand of the j-th row from the bottom in cycle j+c, and each row passes
   * it on a cycle later until it has come to its own.
   * @param since cycles from the load's first to the block's first
   */
  load(folds: FoldList, fold: number, since: number, operands: OperandView, counts: RegisterCounts): void {
    const { rows, cols } = this.#parameters;
    const rowCount = folds.rowCount[fold]!;
    const columnCount = folds.columnCount[fold]!;
    if (since > rows + columnCount) return;
    this.#readOperands(folds, fold, since, operands, counts);
    if (this.#lanes !== undefined) {
      counts.operandRegisterWrites += this.#lanes.shiftSouth(since, rows, rowCount, columnCount, cols);
      return;
    }
    const chain = this.#chain;
    for (let step = Math.max(0, -since); step < BLOCK_CYCLES; step++) {
      const now = since + step;
      for (let row = Math.min(rows - 1, now); row >= 0; row--) {
        const lastArrival = Math.min(rows - 1 - row, rowCount - 1);
        const from = Math.max(0, now - row - lastArrival);
        const to = Math.min(columnCount - 1, now - row);
        const source = row > 0 ? chain : this.#entering;
        const above = row > 0 ? (row - 1) * cols : step * cols;
        for (let column = from; column <= to; column++) {
          chain[row * cols + column] = source[above + column]!;
          counts.operandRegisterWrites++;
        }
      }
    }
  }

  /** Port c reads the operand of the j-th row from the bottom in cycle j+c. */
  #readOperands(folds: FoldList, fold: number, since: number, operands: OperandView, counts: RegisterCounts): void {
    const rowCount = folds.rowCount[fold]!;
    const bottom = folds.rowStart[fold]! + rowCount - 1;
    const columnStart = folds.columnStart[fold]!;
    for (let step = Math.max(0, -since); step < BLOCK_CYCLES; step++) {
      const now = since + step;
      const from = Math.max(0, now - rowCount + 1);
      const end = Math.min(folds.columnCount[fold]!, now + 1);
      const place = step * this.#parameters.cols;
      for (let column = from; column < end; column++) {
        const index = (bottom - now + column) * operands.perRow + (columnStart + column) * operands.perOther;
        this.#entering[place + column] = operands.values[index]!;
      }
      counts.columnPortReads += Math.max(0, end - from);
    }
  }

  /** With shadow registers, PE(r, c) takes its operand over in cycle r*s+c, when the fold's first element reaches it. */
  takeOver(folds: FoldList, fold: number, since: number, counts: RegisterCounts): void {
    const { rows, cols, macPipelineStages: s } = this.#parameters;
    const chain = this.#chain;
    const held = this.held;
    if (chain === held) return;
    const columnCount = folds.columnCount[fold]!;
    for (let row = rows - folds.rowCount[fold]!; row < rows; row++) {
      const now = since - row * s;
      if (now + BLOCK_CYCLES <= 0) break;
      const end = Math.min(columnCount, now + BLOCK_CYCLES);
      for (let column = Math.max(0, now); column < end; column++) {
        held[row * cols + column] = chain[row * cols + column]!;
        counts.operandRegisterWrites++;
      }
    }
  }
}
