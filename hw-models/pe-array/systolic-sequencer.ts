/**
 * The sequencer of the register-level array: for each fold the cycle in which its stationary operand starts to load and
 * the one in which its first streamed operand enters. It looks at what is in use (ports, registers, buses) and enters a
 * fold as early as nothing collides. Static: it reserves for full folds, whatever a ragged one leaves idle.
 */
import type { FoldList } from "./fold-list.js";
import type { SystolicParameters } from "./systolic-parameters.js";
import type { StationaryOperand } from "./systolic-timing.js";

export interface FoldSchedule {
  /** First load cycle of each fold; equals `enterAt` where nothing is loaded. */
  readonly loadAt: Float64Array;
  /** Cycle in which PE(0, 0) meets the fold's first streamed operand. */
  readonly enterAt: Float64Array;
  /** Cycle after the last output slot of the last fold. */
  readonly cycles: number;
}

type OutputStationary = Extract<SystolicParameters, { dataflow: "os" }>;

/** Folds of an output-stationary array: they share the operand ports and one output bus a column. */
export function scheduleOutputStationary(parameters: OutputStationary, folds: FoldList): FoldSchedule {
  const { rows, cols, macPipelineStages } = parameters;
  const enterAt = new Float64Array(folds.count);
  let portFreeAt = 0;
  let firstBusFreeAt = 0;
  let drainedAt = 0;
  for (let fold = 0; fold < folds.count; fold++) {
    const operands = folds.streamCount[fold]!;
    // Row 0 of column 0 puts its result on the bus in the cycle of its last addition; the rows below follow one by one.
    const toFirstOutput = operands - 1 + (macPipelineStages - 1);
    const enter =
      parameters.foldOverlap === "none" ? drainedAt : Math.max(portFreeAt, firstBusFreeAt - toFirstOutput, 0);
    enterAt[fold] = enter;
    portFreeAt = enter + operands;
    firstBusFreeAt = enter + toFirstOutput + rows;
    drainedAt = firstBusFreeAt + (cols - 1);
  }
  return { loadAt: enterAt, enterAt, cycles: drainedAt };
}

/**
 * Folds of an array with a stationary operand, in the frame of column 0 (column c does the same c cycles later). Loading
 * row r overwrites its register from cycle load + r on and takes R cycles for every row.
 */
export function scheduleStationary(parameters: StationaryOperand, folds: FoldList): FoldSchedule {
  const { rows, cols, macPipelineStages } = parameters;
  const shadow = parameters.weightPreload === "shadow";
  const loadAt = new Float64Array(folds.count);
  const enterAt = new Float64Array(folds.count);
  let drainedAt = 0;
  for (let fold = 0; fold < folds.count; fold++) {
    let load = 0;
    let portFreeAt = 0;
    if (fold > 0) {
      const before = enterAt[fold - 1]!;
      const streamed = folds.streamCount[fold - 1]!;
      portFreeAt = before + streamed;
      // A shadow register is free once its PE has taken the operand over; a working one after the last element has passed.
      for (let row = 0; row < rows; row++) {
        const firstUse = before + row * macPipelineStages;
        load = Math.max(load, (shadow ? firstUse : firstUse + streamed) - row);
      }
    }
    if (parameters.foldOverlap === "none") {
      portFreeAt = Math.max(portFreeAt, drainedAt);
      if (!shadow) load = Math.max(load, drainedAt);
    }
    const enter = Math.max(load + rows, portFreeAt);
    loadAt[fold] = load;
    enterAt[fold] = enter;
    // The last element leaves the bottom row of the last column.
    drainedAt = enter + folds.streamCount[fold]! + rows * macPipelineStages - 1 + (cols - 1);
  }
  return { loadAt, enterAt, cycles: drainedAt };
}
