/** What the array counts over the tiles of an operation. */
import { NO_VALUED_COUNTS } from "../../hw-models/pe-array/layer-values.js";
import type { TimedTile } from "./tile-timer.js";
import type { TileClass } from "./work.js";

/** Sums over tiles: fields, not a table by name, since millions of tiles are added. */
export class ArrayCounts {
  macOps = 0;
  ifmapReads = 0;
  weightReads = 0;
  ofmapWrites = 0;
  psumReads = 0;
  operandRegisterWrites = 0;
  psumRegisterWrites = 0;
  ifmapConflictCycles = 0;
  weightConflictCycles = 0;
  ofmapConflictCycles = 0;
  /** Products of the loop nest, done or skipped. */
  coveredMacs = 0;
  /** What only arrays do that look at values. */
  readonly actions = { ...NO_VALUED_COUNTS };

  /** Adds some tiles of one class. */
  add({ timing, valued, repeats }: TimedTile, tile: TileClass, tiles: number): void {
    const products = repeats * tiles;
    this.macOps += products * timing.macOps;
    this.ifmapReads += products * timing.ifmapReads;
    this.weightReads += products * timing.weightReads;
    this.ofmapWrites += products * timing.ofmapWrites;
    this.psumReads += products * timing.psumReads;
    this.operandRegisterWrites += products * timing.operandRegisterWrites;
    this.psumRegisterWrites += products * timing.psumRegisterWrites;
    this.ifmapConflictCycles += tiles * tile.ifmapConflictCycles;
    this.weightConflictCycles += tiles * tile.weightConflictCycles;
    this.ofmapConflictCycles += tiles * tile.ofmapConflictCycles;
    this.coveredMacs += products * (valued?.coveredMacs ?? timing.macOps);
    if (valued === undefined) return;
    const { actions } = this;
    actions.boothDigitOps += products * valued.boothDigitOps;
    actions.shiftAddOps += products * valued.shiftAddOps;
    actions.brickOps += products * valued.brickOps;
    actions.bitProducts += products * valued.bitProducts;
    actions.treeSums += products * valued.treeSums;
    actions.rebuildShiftAdds += products * valued.rebuildShiftAdds;
    actions.indexEntries += products * valued.indexEntries;
    actions.crossbarTransfers += products * valued.crossbarTransfers;
    actions.selectedBits += products * valued.selectedBits;
  }
}
