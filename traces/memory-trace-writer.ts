/** Memory traces as text, a request a line: `0x<HEX> READ|WRITE <arrival>`, capitals, as reference traces are written. */
import type { RequestBlock } from "../sim/ir/request-block.js";
import { WholeFile } from "./whole-file.js";

/** A block of requests as lines. */
export function memoryTraceText({ length, address, isWrite, arrivalCycle }: RequestBlock): string {
  let text = "";
  for (let index = 0; index < length; index++) {
    const word = isWrite[index] === 1 ? "WRITE" : "READ";
    text += `0x${address[index]!.toString(16).toUpperCase()} ${word} ${arrivalCycle[index]}\n`;
  }
  return text;
}

/** A trace file, written a block at a time. */
export class MemoryTraceWriter extends WholeFile {
  /** @throws TraceError when there is no writing there */
  constructor(path: string) {
    super(path, "trace");
  }

  add(block: RequestBlock): void {
    this.write(memoryTraceText(block));
  }
}
