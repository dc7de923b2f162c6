/**
 * WebAssembly as this project uses it: a module from bytes in base64, without imports, and a scratch layout of its memory that
 * the caller fills, calls functions on, and reads again before anybody else does.
 */

interface GrowableMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** The part of the host's WebAssembly that is used here; the compiler's own library has it for browsers only. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

const PAGE_BYTES = 65_536;

/** More is not asked of a module's memory, which never shrinks. */
const MAX_MEMORY_BYTES = 2 ** 30;

export interface WithMemory {
  readonly memory: GrowableMemory;
  /** Where the module's own data ends. */
  readonly heapBase: () => number;
}

/** Compiles and instantiates, synchronously. */
export function instantiateModule<Exports extends WithMemory>(base64: string): Exports {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(base64, "base64")), {});
  return exports as Exports;
}

/** Places for arrays in a module's memory. Take them all, then `fit`; views are valid until the next layout. */
export class MemoryLayout {
  readonly #module: WithMemory;
  #end: number;

  constructor(module: WithMemory) {
    this.#module = module;
    this.#end = module.heapBase();
  }

  /** Address of `bytes` new bytes, a multiple of 16, with 64 bytes behind them that may be read. */
  take(bytes: number): number {
    const at = Math.ceil(this.#end / 16) * 16;
    this.#end = at + bytes + 64;
    return at;
  }

  /** Grows the memory to hold what was taken; false when that is more than a module may have. */
  fit(): boolean {
    const { memory } = this.#module;
    if (!(this.#end <= MAX_MEMORY_BYTES)) return false;
    const missingPages = Math.ceil((this.#end - memory.buffer.byteLength) / PAGE_BYTES);
    try {
      if (missingPages > 0) memory.grow(missingPages);
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    return true;
  }
}
