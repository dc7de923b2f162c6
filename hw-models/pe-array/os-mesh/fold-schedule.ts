/**
 * When the PEs of a fold finish and when their sums leave, in closed form. A port that feeds m lanes gives each of them a word
 * every m cycles; a PE multiplies when both words of a step are there and hands them on, so it does its last step at
 *
 *     F(i, j) = max over lanes of rows and columns up to its own of (cycle of the lane's last word + hops from there)
 *
 * and sums leave through their port, one a cycle, from the cycle after on. Ports do not wait for each other: words that are early
 * wait in FIFOs of the PEs, as deep as that takes. Folds do not overlap: a mesh drains before it is filled again.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import type { OsMeshParameters } from "./os-mesh-parameters.js";

/** Where the words of a lane come from. */
export interface Lane {
  readonly port: number;
  /** Place among the lanes in use of its port. */
  readonly place: number;
}

/** The part of the mesh that a fold uses. */
export interface FoldShape {
  readonly rows: number;
  readonly cols: number;
  readonly reduction: number;
}

type Ports = Pick<OsMeshParameters, "rows" | "cols" | "readPorts">;

/** Lanes in use, columns before rows, and how many each port has. */
export function lanesOf(mesh: Ports, { rows, cols }: Pick<FoldShape, "rows" | "cols">) {
  const lanesPerPort = ceilDiv(mesh.rows + mesh.cols, mesh.readPorts);
  const inUse = new Uint32Array(mesh.readPorts);
  const laneAt = (number: number): Lane => {
    const port = Math.floor(number / lanesPerPort);
    return { port, place: inUse[port]!++ };
  };
  const columnLanes = Array.from({ length: cols }, (_, column) => laneAt(column));
  const rowLanes = Array.from({ length: rows }, (_, row) => laneAt(mesh.cols + row));
  return { columnLanes, rowLanes, inUse };
}

/** Cycles in which the ports have words to give. */
export function streamCycles(mesh: Ports, fold: FoldShape): number {
  return fold.reduction * lanesOf(mesh, fold).inUse.reduce((most, lanes) => Math.max(most, lanes), 0);
}

/** Cycle of the last step of each PE, row-major over the fold, from the cycle of the first word on. */
export function finishCycles(mesh: Ports, fold: FoldShape): Float64Array {
  const { columnLanes, rowLanes, inUse } = lanesOf(mesh, fold);
  const lastWord = ({ port, place }: Lane): number => (fold.reduction - 1) * inUse[port]! + place;
  const finish = new Float64Array(fold.rows * fold.cols);
  for (let row = 0; row < fold.rows; row++) {
    for (let column = 0; column < fold.cols; column++) {
      const at = row * fold.cols + column;
      const input = column === 0 ? lastWord(rowLanes[row]!) : finish[at - 1]! + 1;
      const weight = row === 0 ? lastWord(columnLanes[column]!) : finish[at - fold.cols]! + 1;
      finish[at] = Math.max(input, weight);
    }
  }
  return finish;
}

/** Cycles in which sums leave, in ascending order. */
export function leavingCycles(mesh: Omit<OsMeshParameters, "kind">, fold: FoldShape): Float64Array {
  const finish = finishCycles(mesh, fold);
  const order = Array.from(finish, (_, at) => at).sort((one, other) => finish[one]! - finish[other]!);
  const nextFree = new Float64Array(Math.min(mesh.writePorts, mesh.rows * mesh.cols));
  const leaving = new Float64Array(finish.length);
  for (const [index, at] of order.entries()) {
    const pe = Math.floor(at / fold.cols) * mesh.cols + (at % fold.cols);
    const port = pe % mesh.writePorts;
    leaving[index] = Math.max(nextFree[port]!, finish[at]! + 1);
    nextFree[port] = leaving[index]! + 1;
  }
  return leaving.sort();
}

/** From the first word to the last sum that leaves, both included. */
export function foldCycles(mesh: Omit<OsMeshParameters, "kind">, fold: FoldShape): number {
  return leavingCycles(mesh, fold).at(-1)! + 1;
}
