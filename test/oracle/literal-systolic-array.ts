/**
 * A systolic array written out literally: one object a PE, every register copied to its neighbour every cycle, every
 * operand labelled with its fold. Slow; what the fast register-level arrays are compared with. Throws a `Hazard` when two
 * operands meet at a port or bus, or a PE would work with a register that belongs to another fold.
 */
import type { FoldList } from "../../hw-models/pe-array/fold-list.js";
import type { FoldSchedule } from "../../hw-models/pe-array/systolic-sequencer.js";

export class Hazard extends Error {}

export interface LiteralRun {
  /** Sums by `row,column` or `streamed,column` of the machine's own axes. */
  readonly sums: ReadonlyMap<string, number>;
  readonly lastOutputCycle: number;
  readonly macOps: number;
  readonly rowPortReads: number;
  readonly columnPortReads: number;
  readonly outputs: number;
  readonly operandRegisterWrites: number;
  readonly psumRegisterWrites: number;
}

interface Operand {
  readonly value: number;
  readonly fold: number;
  readonly index: number;
}

type Grid<Item> = (Item | undefined)[][];

function grid<Item>(rows: number, cols: number): Grid<Item> {
  return Array.from({ length: rows }, () => new Array<Item | undefined>(cols).fill(undefined));
}

/** The one fold for which `indexOf` gives an index within `length`, or undefined. @throws Hazard when two do */
function portOperand(folds: FoldList, indexOf: (fold: number) => number | undefined): [number, number] | undefined {
  let found: [number, number] | undefined;
  for (let fold = 0; fold < folds.count; fold++) {
    const index = indexOf(fold);
    if (index === undefined) continue;
    if (found !== undefined) throw new Hazard(`folds ${found[0]} and ${fold} at one port`);
    found = [fold, index];
  }
  return found;
}

const within = (index: number, length: number): number | undefined =>
  index >= 0 && index < length ? index : undefined;

/** Output stationary: `rowOperand(row, k)` enters from the west, `columnOperand(column, k)` from the north. */
export function runOutputStationaryLiterally(
  shape: { rows: number; cols: number; macPipelineStages: number },
  folds: FoldList,
  schedule: FoldSchedule,
  rowOperand: (row: number, k: number) => number,
  columnOperand: (column: number, k: number) => number,
): LiteralRun {
  const { rows, cols, macPipelineStages } = shape;
  let east = grid<Operand>(rows, cols);
  let south = grid<Operand>(rows, cols);
  const psums = grid<Operand>(rows, cols);
  const multipliers: { at: number; row: number; column: number; product: Operand }[] = [];
  const sums = new Map<string, number>();
  const counts = { macOps: 0, rowPortReads: 0, columnPortReads: 0, operandRegisterWrites: 0, psumRegisterWrites: 0 };
  let [outputs, lastOutputCycle] = [0, 0];
  for (let cycle = 0; cycle < schedule.cycles; cycle++) {
    const nextEast = grid<Operand>(rows, cols);
    const nextSouth = grid<Operand>(rows, cols);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < cols; column++) {
        let fromWest = column > 0 ? east[row]![column - 1] : undefined;
        if (column === 0) {
          const found = portOperand(folds, (fold) =>
            row < folds.rowCount[fold]!
              ? within(cycle - schedule.enterAt[fold]! - row, folds.streamCount[fold]!)
              : undefined,
          );
          if (found !== undefined) {
            const [fold, index] = found;
            fromWest = { value: rowOperand(folds.rowStart[fold]! + row, index), fold, index };
            counts.rowPortReads++;
          }
        }
        let fromNorth = row > 0 ? south[row - 1]![column] : undefined;
        if (row === 0) {
          const found = portOperand(folds, (fold) =>
            column < folds.columnCount[fold]!
              ? within(cycle - schedule.enterAt[fold]! - column, folds.streamCount[fold]!)
              : undefined,
          );
          if (found !== undefined) {
            const [fold, index] = found;
            fromNorth = { value: columnOperand(folds.columnStart[fold]! + column, index), fold, index };
            counts.columnPortReads++;
          }
        }
        // Operands stop at the last active row or column of their fold.
        if (fromWest !== undefined && column < folds.columnCount[fromWest.fold]!) nextEast[row]![column] = fromWest;
        if (fromNorth !== undefined && row < folds.rowCount[fromNorth.fold]!) nextSouth[row]![column] = fromNorth;
        const [a, b] = [nextEast[row]![column], nextSouth[row]![column]];
        if (a !== undefined) counts.operandRegisterWrites++;
        if (b !== undefined) counts.operandRegisterWrites++;
        if (a === undefined && b === undefined) continue;
        if (a?.fold !== b?.fold || a?.index !== b?.index) throw new Hazard("operands that do not belong together");
        counts.macOps++;
        multipliers.push({
          at: cycle + macPipelineStages - 1,
          row,
          column,
          product: { ...a!, value: a!.value * b!.value },
        });
      }
    }
    [east, south] = [nextEast, nextSouth];
    const busy = new Set<number>();
    for (const { row, column, product } of multipliers.filter(({ at }) => at === cycle)) {
      const psum = psums[row]![column];
      if (psum !== undefined && psum.fold !== product.fold) throw new Hazard("a psum that was not drained");
      const sum = { ...product, value: (psum?.value ?? 0) + product.value };
      psums[row]![column] = sum;
      counts.psumRegisterWrites++;
      if (product.index + 1 < folds.streamCount[product.fold]!) continue;
      if (busy.has(column)) throw new Hazard("two outputs on one bus");
      busy.add(column);
      psums[row]![column] = undefined;
      sums.set(`${folds.rowStart[sum.fold]! + row},${folds.columnStart[sum.fold]! + column}`, sum.value);
      outputs++;
      lastOutputCycle = cycle;
    }
    while (multipliers.length > 0 && multipliers[0]!.at <= cycle) multipliers.shift();
  }
  return { sums, lastOutputCycle, outputs, ...counts };
}

interface Passing {
  readonly operand: Operand;
  readonly targetRow: number;
}

/** Stationary operand: `stationary(k, column)` shifts in from the north, `streamed(k, t)` enters from the west. */
export function runStationaryLiterally(
  shape: { rows: number; cols: number; macPipelineStages: number; shadow: boolean },
  folds: FoldList,
  schedule: FoldSchedule,
  stationary: (k: number, column: number) => number,
  streamed: (k: number, t: number) => number,
): LiteralRun {
  const { rows, cols, macPipelineStages: s, shadow } = shape;
  const firstRow = (fold: number): number => rows - folds.rowCount[fold]!;
  let east = grid<Operand>(rows, cols);
  let arriving = grid<Passing>(rows, cols);
  const chain = grid<Operand>(rows, cols);
  const held = shadow ? grid<Operand>(rows, cols) : chain;
  /** Results of the last s cycles, newest first. */
  let results: Grid<Operand>[] = Array.from({ length: s }, () => grid<Operand>(rows, cols));
  const sums = new Map<string, number>();
  const counts = { macOps: 0, rowPortReads: 0, columnPortReads: 0, operandRegisterWrites: 0, psumRegisterWrites: 0 };
  let [outputs, lastOutputCycle] = [0, 0];
  for (let cycle = 0; cycle < schedule.cycles; cycle++) {
    // Take-overs see the shadow registers as they were before this cycle's shift.
    for (let fold = 0; shadow && fold < folds.count; fold++) {
      for (let row = firstRow(fold); row < rows; row++) {
        const column = within(cycle - schedule.enterAt[fold]! - row * s, folds.columnCount[fold]!);
        if (column === undefined) continue;
        held[row]![column] = chain[row]![column];
        counts.operandRegisterWrites++;
      }
    }
    const nextArriving = grid<Passing>(rows, cols);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < cols; column++) {
        let incoming: Passing | undefined;
        if (row > 0) {
          const above = arriving[row - 1]![column];
          if (above !== undefined && above.targetRow > row - 1) incoming = above;
        } else {
          const found = portOperand(folds, (fold) =>
            column < folds.columnCount[fold]!
              ? within(cycle - schedule.loadAt[fold]! - column, folds.rowCount[fold]!)
              : undefined,
          );
          if (found !== undefined) {
            const [fold, order] = found;
            const k = folds.rowStart[fold]! + folds.rowCount[fold]! - 1 - order;
            const operand = { value: stationary(k, folds.columnStart[fold]! + column), fold, index: k };
            incoming = { operand, targetRow: rows - 1 - order };
            counts.columnPortReads++;
          }
        }
        if (incoming === undefined) continue;
        nextArriving[row]![column] = incoming;
        chain[row]![column] = incoming.operand;
        counts.operandRegisterWrites++;
      }
    }
    arriving = nextArriving;
    const nextEast = grid<Operand>(rows, cols);
    const nextResults = grid<Operand>(rows, cols);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < cols; column++) {
        let operand = column > 0 ? east[row]![column - 1] : undefined;
        if (column === 0) {
          const found = portOperand(folds, (fold) =>
            row >= firstRow(fold)
              ? within(cycle - schedule.enterAt[fold]! - row * s, folds.streamCount[fold]!)
              : undefined,
          );
          if (found !== undefined) {
            const [fold, index] = found;
            const k = folds.rowStart[fold]! + row - firstRow(fold);
            operand = { value: streamed(k, folds.streamStart[fold]! + index), fold, index };
            counts.rowPortReads++;
          }
        }
        if (operand === undefined || column >= folds.columnCount[operand.fold]!) continue;
        nextEast[row]![column] = operand;
        counts.operandRegisterWrites++;
        const own = held[row]![column];
        const k = folds.rowStart[operand.fold]! + row - firstRow(operand.fold);
        if (own?.fold !== operand.fold || own.index !== k) throw new Hazard("a held operand of another fold");
        const above = row > firstRow(operand.fold) ? results[s - 1]![row - 1]![column] : { ...operand, value: 0 };
        if (above?.fold !== operand.fold || above.index !== operand.index) throw new Hazard("a psum out of step");
        nextResults[row]![column] = { ...operand, value: above.value + own.value * operand.value };
        counts.macOps++;
        counts.psumRegisterWrites++;
      }
    }
    east = nextEast;
    results = [nextResults, ...results.slice(0, s - 1)];
    for (let column = 0; column < cols; column++) {
      const out = results[s - 1]![rows - 1]![column];
      if (out === undefined) continue;
      const place = `${folds.streamStart[out.fold]! + out.index},${folds.columnStart[out.fold]! + column}`;
      sums.set(place, (sums.get(place) ?? 0) + out.value);
      outputs++;
      lastOutputCycle = cycle;
    }
  }
  return { sums, lastOutputCycle, outputs, ...counts };
}
