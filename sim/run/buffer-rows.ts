/** Row accesses of a buffer: what its energy is counted in. */
import type { SramParameters } from "../../hw-models/buffer/buffer-parameters.js";
import { ceilDiv } from "../core/integers.js";

/** Rows that moving some bytes in order takes. */
export function rowAccesses(bytes: number, sram: SramParameters): number {
  return ceilDiv(bytes, sram.widthBytes);
}

/** Bytes that one tile may take: half of a double buffer. */
export function tileCapacityBytes(sram: SramParameters): number {
  return sram.doubleBuffered ? Math.floor(sram.capacityBytes / 2) : sram.capacityBytes;
}
