/** Requests of a DRAM run from any kind of trace, checked against the memory they are for. */
import { dramPatternRequests, formatDramPattern, parseDramPattern } from "../../traces/dram-pattern-text.js";
import { checkDramPattern, type DramPattern, dramPatternSource } from "../../traces/dram-patterns.js";
import { MemoryTraceReader } from "../../traces/memory-trace-reader.js";
import { quoteForMessage, TraceError } from "../core/errors.js";
import type { RequestBlock, RequestSource } from "../ir/request-block.js";

/** Refresh alone makes a run of more cycles endless: that is a quarter of an hour of memory time. */
const END_CYCLE = 2 ** 40;

/** Where requests come from: a trace file, a pattern (`seq:n=1000` or its parameters), or the caller. */
export type DramTrace =
  | { readonly file: string }
  | { readonly pattern: string | DramPattern }
  | { readonly requests: RequestSource };

/** A trace under way. */
export interface OpenRequests {
  /** What the trace is, for reports. */
  readonly source: string;
  /** Steps of the whole trace, and how many have been taken; 0 when its length is not known. */
  readonly total: number;
  done(): number;
  fill(block: RequestBlock): Promise<void>;
  close(): Promise<void>;
}

interface Memory {
  readonly requestBytes: number;
  readonly capacityBytes: number;
  readonly seed: string;
}

/** @throws TraceError for a trace that cannot be opened */
export async function openRequests(trace: DramTrace, memory: Memory): Promise<OpenRequests> {
  if ("file" in trace) return openFile(trace.file, memory);
  if ("pattern" in trace) return openPattern(trace.pattern, memory);
  return openSource(trace.requests, "requests of the caller", 0, memory);
}

async function openFile(path: string, { capacityBytes }: Memory): Promise<OpenRequests> {
  const reader = await MemoryTraceReader.open(path, { capacityBytes, endCycle: END_CYCLE });
  return {
    source: path,
    total: reader.totalBytes,
    done: () => reader.bytesRead,
    fill: (block) => reader.fill(block),
    close: () => reader.close(),
  };
}

function openPattern(given: string | DramPattern, memory: Memory): OpenRequests {
  const where = "pattern";
  const seed = /^\d{1,10}$/.test(memory.seed) && Number(memory.seed) < 2 ** 32 ? Number(memory.seed) : undefined;
  const pattern = typeof given === "string" ? parseDramPattern(given, where, seed) : given;
  checkDramPattern(pattern, where);
  const { requestBytes } = memory;
  if (pattern.pat === "rand" && pattern.span! < requestBytes) {
    throw new TraceError({
      where,
      got: `span=${pattern.span}`,
      want: `at least one request of the device, ${requestBytes} bytes`,
      fix: "for example span=0x40000000",
    });
  }
  const total = dramPatternRequests(pattern, requestBytes);
  return openSource(dramPatternSource(pattern, requestBytes), formatDramPattern(pattern), total, memory);
}

function openSource(requests: RequestSource, source: string, total: number, memory: Memory): OpenRequests {
  let done = 0;
  let lastArrivalCycle = 0;
  return {
    source,
    total,
    done: () => done,
    fill: async (block) => {
      requests.fill(block);
      checkBlock(block, memory.capacityBytes, lastArrivalCycle, source, done);
      if (done + block.length === 0) {
        throw new TraceError({ where: source, got: "no request", want: "one at least", fix: "ask for more requests" });
      }
      if (block.length > 0) lastArrivalCycle = block.arrivalCycle[block.length - 1]!;
      done += block.length;
    },
    close: async () => {},
  };
}

/** @throws TraceError for the first request that the memory does not hold or that comes before the one before it */
function checkBlock(block: RequestBlock, capacityBytes: number, last: number, source: string, before: number): void {
  const { address, arrivalCycle } = block;
  const where = (index: number): string => `${quoteForMessage(source)}, request ${before + index}`;
  let lastArrivalCycle = last;
  for (let index = 0; index < block.length; index++) {
    const at = address[index]!;
    const arrival = arrivalCycle[index]!;
    if (!(at >= 0 && at < capacityBytes && Number.isInteger(at))) {
      throw new TraceError({
        where: where(index),
        got: `address ${at}`,
        want: `a whole address below the memory's ${capacityBytes} bytes`,
        fix: "choose a device or a number of channels that holds it, or a smaller pattern",
      });
    }
    if (!(arrival >= lastArrivalCycle && arrival < END_CYCLE && Number.isInteger(arrival))) {
      throw new TraceError({
        where: where(index),
        got: `arrival cycle ${arrival}`,
        want: `a whole number from ${lastArrivalCycle}, the arrival before, and below ${END_CYCLE}`,
        fix: "sort the requests by arrival, or make the gap smaller",
      });
    }
    lastArrivalCycle = arrival;
  }
}
