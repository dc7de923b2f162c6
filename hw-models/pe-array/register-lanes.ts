/**
 * Registers of an array in the memory of a WebAssembly module (sources in simd/) that works off a row of PEs in lanes of
 * eight, four cycles at a time. Same registers, cycles and values as the plain loops of multiply-accumulate.ts; sums are int32
 * that wrap, so it is for tiles whose sums are proved to stay in range.
 */
import { instantiateModule, MemoryLayout, type WithMemory } from "../../sim/core/web-assembly.js";
import { SIMD_BYTES } from "./simd-bytes.js";

/** Functions of numbers, in the order that their sources state; they give the products that they added. */
type Native = (...operands: number[]) => number;

interface LanesModule extends WithMemory {
  readonly accumulateInPlaceBlock: Native;
  readonly accumulatePassingBlock: Native;
  readonly shiftSouthBlock: Native;
}

/** Entries of each kind of register. */
export interface RegisterSizes {
  readonly psums: number;
  /** Operands that move east. */
  readonly east: number;
  /** Operands that move south, or stay. */
  readonly columns: number;
  /** Stationary operands on their way to their rows, where these are registers of their own. */
  readonly chain: number;
  /** Stationary operands that enter at the top in four cycles. */
  readonly entering: number;
}

/** Registers past this size stay where plain loops are as good: an array of 4096 x 4096 has 16 M psums. */
const MAX_REGISTERS = 2 ** 25;

export class RegisterLanes {
  readonly psums: Int32Array;
  readonly east: Int16Array;
  readonly columns: Int16Array;
  /** The same registers as `columns` where it has none of its own. */
  readonly chain: Int16Array;
  readonly entering: Int16Array;
  readonly #module: LanesModule;

  private constructor(module: LanesModule, sizes: RegisterSizes, places: RegisterSizes) {
    this.#module = module;
    const { buffer } = module.memory;
    this.psums = new Int32Array(buffer, places.psums, sizes.psums);
    this.east = new Int16Array(buffer, places.east, sizes.east);
    this.columns = new Int16Array(buffer, places.columns, sizes.columns);
    this.chain = sizes.chain === 0 ? this.columns : new Int16Array(buffer, places.chain, sizes.chain);
    this.entering = new Int16Array(buffer, places.entering, sizes.entering);
  }

  /** Registers of these sizes; undefined where they are too many. */
  static create(sizes: RegisterSizes): RegisterLanes | undefined {
    if (sizes.psums + sizes.east + sizes.columns + sizes.chain > MAX_REGISTERS) return undefined;
    const module = instantiateModule<LanesModule>(SIMD_BYTES);
    const layout = new MemoryLayout(module);
    const places = {
      psums: layout.take(4 * sizes.psums),
      east: layout.take(2 * sizes.east),
      columns: layout.take(2 * sizes.columns),
      chain: layout.take(2 * sizes.chain),
      entering: layout.take(2 * sizes.entering),
    };
    return layout.fit() ? new RegisterLanes(module, sizes, places) : undefined;
  }

  /** Four cycles of rows whose psums stay. @param eastPlace entry of row 0, column 0 in the last of the four cycles */
  accumulateInPlace(
    eastPlace: number,
    eastStride: number,
    depth: number,
    cycle: number,
    delay: number,
    since: number,
    reduction: number,
    rowCount: number,
    columnCount: number,
    cols: number,
  ): number {
    return this.#module.accumulateInPlaceBlock(
      this.psums.byteOffset,
      this.east.byteOffset + 2 * eastPlace,
      eastStride,
      this.columns.byteOffset,
      depth,
      cycle % depth,
      delay,
      since,
      reduction,
      rowCount,
      columnCount,
      cols,
    );
  }

  /** Four cycles of a load of stationary operands, those of the top row in `entering`; gives the operands latched. */
  shiftSouth(since: number, rows: number, rowCount: number, columnCount: number, cols: number): number {
    const { chain, entering } = this;
    return this.#module.shiftSouthBlock(
      chain.byteOffset,
      entering.byteOffset,
      since,
      rows,
      rowCount,
      columnCount,
      cols,
    );
  }

  /** Four cycles of rows whose stationary operand stays. @param eastPlace as in `accumulateInPlace` */
  accumulatePassing(
    eastPlace: number,
    eastStride: number,
    depth: number,
    cycle: number,
    since: number,
    streamed: number,
    stages: number,
    firstRow: number,
    rows: number,
    columnCount: number,
    cols: number,
  ): number {
    return this.#module.accumulatePassingBlock(
      this.psums.byteOffset,
      depth,
      this.east.byteOffset + 2 * eastPlace,
      eastStride,
      this.columns.byteOffset,
      cycle % depth,
      since,
      streamed,
      stages,
      firstRow,
      rows,
      columnCount,
      cols,
    );
  }
}
