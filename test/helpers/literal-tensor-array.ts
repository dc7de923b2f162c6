/**
 * Tensor arrays as their rules say, for oracles: places of a reduction are sorted into blocks one by one, and folds enter as early
 * as ports and buses are free, found by trying cycle after cycle.
 */
import type { LayerValues, TileBox } from "../../hw-models/pe-array/layer-values.js";
import type { Blocks } from "./blocked-layers.js";

export interface LiteralGrid {
  readonly tpeRows: number;
  readonly tpeCols: number;
  readonly rowsPerTpe: number;
  readonly columnsPerTpe: number;
  readonly blockValues: number;
  /** Weights of a block that are held at a time. */
  readonly held: number;
}

/** Places (c, tap) of the tile that one pass takes, and how many weights it multiplies. */
export interface LiteralPass {
  places: number;
  readonly stored: number;
}

/** @param of undefined for dense weights, which lie along `denseAxis` */
export function literalPasses(
  { bounds }: LayerValues,
  { from, extent }: TileBox,
  { blockValues, held }: LiteralGrid,
  of: Blocks | undefined,
  denseAxis: Blocks["axis"],
): LiteralPass[] {
  const kernel = bounds.R * bounds.S;
  const axis = of?.axis ?? denseAxis;
  const passes = new Map<string, LiteralPass>();
  const lineAndPlace = (c: number, tap: number): [number, number] =>
    axis === "filter" ? [0, c * kernel + tap] : [tap, c];
  const length = axis === "filter" ? bounds.C * kernel : bounds.C;
  for (let c = from.C; c < from.C + extent.C; c++) {
    for (let tap = 0; tap < kernel; tap++) {
      const [line, place] = lineAndPlace(c, tap);
      const block = Math.floor(place / blockValues);
      const inBlock = place % blockValues;
      const key = of === undefined ? `${line} ${block} ${Math.floor(inBlock / held)}` : `${line} ${block}`;
      let stored = 0;
      for (let value = block * blockValues; of && value < Math.min((block + 1) * blockValues, length); value++) {
        // The first n places of each group stand for the n that it stores.
        if ((value % blockValues) % of.m < of.n) stored++;
      }
      const pass = passes.get(key) ?? { places: 0, stored };
      pass.places++;
      passes.set(key, pass);
    }
  }
  return [...passes.values()].map(({ places, stored }) => ({ places, stored: of === undefined ? places : stored }));
}

/** Cycle of the last output, plus one, and of the first in which another fold could enter. */
export function literalCycles(grid: LiteralGrid, { extent }: TileBox, steps: number): { all: number; busy: number } {
  const rows = extent.N * extent.P * extent.Q;
  let folds = 0;
  for (let g = 0; g < extent.G; g++) {
    for (let row = 0; row < rows; row += grid.tpeRows * grid.rowsPerTpe) {
      for (let k = 0; k < extent.K; k += grid.tpeCols * grid.columnsPerTpe) folds++;
    }
  }
  const port = new Set<number>();
  const buses = new Set<string>();
  let all = 0;
  const canEnter = (cycle: number): boolean => {
    for (let step = 0; step < steps; step++) if (port.has(cycle + step)) return false;
    for (let i = 0; i < grid.tpeRows; i++) {
      for (let j = 0; j < grid.tpeCols; j++) if (buses.has(`${j} ${cycle + steps - 1 + i + j}`)) return false;
    }
    return true;
  };
  let entry = 0;
  for (let fold = 0; fold < folds; fold++) {
    while (!canEnter(entry)) entry++;
    for (let step = 0; step < steps; step++) port.add(entry + step);
    for (let i = 0; i < grid.tpeRows; i++) {
      for (let j = 0; j < grid.tpeCols; j++) {
        buses.add(`${j} ${entry + steps - 1 + i + j}`);
        all = Math.max(all, entry + steps + i + j);
      }
    }
  }
  while (!canEnter(entry)) entry++;
  return { all, busy: entry };
}

/** Tensor PEs with an output along one axis. */
export function literalTpes(outputs: number, each: number): number {
  return new Set(Array.from({ length: outputs }, (_, index) => Math.floor(index / each))).size;
}
