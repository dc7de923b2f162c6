/**
 * What one operation asks of the machine, tile by tile, as typed columns: both fidelities run from it.
 *
 * An operand is moved in *generations*: the tile of it that lives in a buffer until the loops change it. A generation serves
 * a run of consecutive tiles, the same number for each. Ofmap tiles come in *visits*: a run of tiles after which the ofmap
 * tile is written, as psums when the reduction is not done; a visit may first read psums and residual operands.
 */
import type { ActionCounts } from "../../hw-models/energy/energy-types.js";
import { UnsupportedError } from "../core/errors.js";
import type { Mapping } from "../ir/mapping.js";
import type { Operation } from "../ir/operation.js";
import type { WorkAccesses } from "./work-accesses.js";

/** Tiles of one operation beyond which a run would take minutes: a sign of a buffer far too small for the network. */
const MAX_TILES = 4_000_000;

/** @throws UnsupportedError when an operation is cut in too many pieces, saying what to change */
export function checkTileCount(operation: Operation, tiles: number, pieces: "tiles" | "chunks", fix: string): void {
  if (tiles <= MAX_TILES) return;
  throw new UnsupportedError({
    where: `layer ${operation.name}`,
    got: `${tiles} ${pieces} between DRAM and the buffers`,
    want: `at most ${MAX_TILES}`,
    fix,
  });
}

/** Array or vector-unit time of one shape of tile. */
export interface TileClass {
  /** Load of the stationary operand that may run behind other work, once the operand is in its buffer. */
  readonly preloadCycles: number;
  /** From the first cycle of the tile to the first cycle of the next, conflicts and output path included. */
  readonly steadyCycles: number;
  /** From there to the last output. */
  readonly drainCycles: number;
  /** Parts of `steadyCycles`; what they leave is fill and drain. */
  readonly computeCycles: number;
  readonly vectorCycles: number;
  readonly ifmapConflictCycles: number;
  readonly weightConflictCycles: number;
  readonly ofmapConflictCycles: number;
}

/** One operand's generations. */
export interface OperandStream {
  /** Tiles that one generation serves. */
  readonly run: number;
  /** Useful bytes of each generation; 0 where nothing moves. */
  readonly bytes: Float64Array;
}

export interface BufferUse {
  readonly usedBytes: number;
  readonly arrayReads: number;
  readonly arrayWrites: number;
  readonly conflictCycles: number;
}

/** Kinds of time that the processing of tiles is. */
export type Processor = "array" | "vector";

export interface Work {
  readonly operation: Operation;
  readonly processor: Processor;
  readonly mapping: Mapping;
  readonly tiles: number;
  readonly classes: readonly TileClass[];
  /** Class of each tile. */
  readonly classOf: Uint32Array;
  readonly weight: OperandStream;
  /** Metadata fetched with each weight generation. */
  readonly metadataBytes: Float64Array;
  /** Decoder time of each weight generation; 0 when the array takes the encoding as it is. */
  readonly decodeCycles: Float64Array;
  /** Operand that `preloadCycles` loads. */
  readonly stationary: "weight" | "ifmap";
  /** True when weights may be fetched before the operation starts. */
  readonly weightPrefetchable: boolean;
  readonly ifmap: OperandStream;
  /** Times that the loops fetch the ifmap. */
  readonly ifmapPasses: number;
  /** Tiles per visit of an ofmap tile. */
  readonly visitRun: number;
  readonly psumReadBytes: Float64Array;
  readonly residualReadBytes: Float64Array;
  readonly psumWriteBytes: Float64Array;
  readonly ofmapWriteBytes: Float64Array;
  /** Where in DRAM all these bytes lie. */
  readonly accesses: WorkAccesses;
  /** Everything that is counted and does not depend on time. */
  readonly actions: ActionCounts;
  readonly buffers: Readonly<Record<"ifmap" | "weight" | "ofmap", BufferUse>>;
  readonly usefulDramBytes: number;
  readonly macs: number;
  readonly effectualMacs: number;
  readonly weightBits: number;
  readonly metadataBits: number;
}

/** Columns of a work, one entry a tile, generation or visit. */
type WorkColumns =
  | "classOf"
  | "weight"
  | "metadataBytes"
  | "decodeCycles"
  | "ifmap"
  | "psumReadBytes"
  | "residualReadBytes"
  | "psumWriteBytes"
  | "ofmapWriteBytes"
  | "accesses";

/** What is kept of a work when it is done. */
export type WorkSummary = Omit<Work, WorkColumns>;

/** Bytes that an operation reads from DRAM, in whole bursts. */
export function dramReadBytes(actions: ActionCounts): number {
  return (
    actions.dramWeightReadBytes + actions.dramMetadataReadBytes + actions.dramIfmapReadBytes + actions.dramPsumReadBytes
  );
}

/** Bytes that an operation writes to DRAM, in whole bursts. */
export function dramWriteBytes(actions: ActionCounts): number {
  return actions.dramPsumWriteBytes + actions.dramOfmapWriteBytes;
}

export function sumColumn(column: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < column.length; index++) sum += column[index]!;
  return sum;
}
