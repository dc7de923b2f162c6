/**
 * Fidelity `analytic`: the time of an operation in closed form, from the same tile plan as the co-simulation and never above
 * it. An operation takes at least
 *
 *     first operands from DRAM + all array time + last ofmap tile to DRAM         (nothing overlaps these)
 *     all bytes over the bus, less the weights that may have come early           (the bus is never faster)
 *     all decoding, less what may have been done early
 *
 * and the largest of the three is what it is given. Where nothing stalls, that is exact.
 */
import type { MemoryTiming } from "../../hw-models/dram/memory-timing.js";
import { operandBytes } from "../ir/operation.js";
import { type LayerTime, LayerTimeTally } from "./layer-time.js";
import { sumColumn, type Work } from "./work.js";

/** What the closed form needs to know of the machine. */
export interface AnalyticMachine {
  readonly memory: MemoryTiming;
  readonly burstBytes: number;
  /** Weight generations that may be fetched before an operation starts: free halves of the buffer. */
  readonly earlyWeightGenerations: number;
}

/** Attributes the array or vector time of all tiles back to back. @returns its cycles */
function addProcessorTime(work: Work, tally: LayerTimeTally): number {
  const tilesOf = new Float64Array(work.classes.length);
  for (let tile = 0; tile < work.tiles; tile++) tilesOf[work.classOf[tile]!]!++;
  let cycles = 0;
  for (const [index, tile] of work.classes.entries()) {
    cycles += tilesOf[index]! * tile.steadyCycles;
    tally.addTiles(tile, tilesOf[index]!);
  }
  const { drainCycles } = work.classes[work.classOf[work.tiles - 1]!]!;
  tally.addCause("fillDrain", drainCycles);
  return cycles + drainCycles;
}

/** A transfer on an idle bus, and the part of it that the bus is busy. */
interface TransferTime {
  readonly cycles: number;
  readonly bandwidth: number;
}

const NO_TIME: TransferTime = { cycles: 0, bandwidth: 0 };

/** A transfer of some bytes that takes so many cycles on an idle memory. */
function transferTime(cycles: number, bytes: number, memory: MemoryTiming): TransferTime {
  return { cycles, bandwidth: Math.min(cycles, memory.busyCycles(bytes)) };
}

/** Sum of the `count` largest entries (none, one or two); of all when there are fewer. */
function largest(column: Float64Array, count: number): number {
  let first = 0;
  let second = 0;
  for (let index = 0; index < column.length; index++) {
    const value = column[index]!;
    if (value > first) {
      second = first;
      first = value;
    } else if (value > second) second = value;
  }
  if (count === 0) return 0;
  return count === 1 ? first : first + second;
}

/**
 * Bytes that must cross the bus while an operation runs. Where controllers queue, less may: what still waits to be written
 * crosses later and is read back without crossing at all, and tiles that share bursts may share their transfers.
 */
function busBytes({ operation, actions, ifmapPasses }: Work, memory: MemoryTiming): { ifmap: number; ofmap: number } {
  const { dramIfmapReadBytes, dramOfmapWriteBytes, dramPsumReadBytes, dramPsumWriteBytes } = actions;
  if (memory.postedBytes === 0) {
    return { ifmap: dramIfmapReadBytes, ofmap: dramOfmapWriteBytes + dramPsumReadBytes + dramPsumWriteBytes };
  }
  const inputs = operation.kind === "matrix" ? [operation.ifmap] : operation.inputs;
  const once = inputs.reduce((sum, input) => sum + operandBytes(input), 0);
  return {
    ifmap: Math.max(0, Math.min(dramIfmapReadBytes, ifmapPasses * once) - memory.postedBytes),
    ofmap: Math.max(0, Math.min(dramOfmapWriteBytes, operandBytes(operation.output)) - memory.postedBytes),
  };
}

/**
 * Time of one operation.
 * @param startCycle where the report puts it
 */
export function analyticTime(work: Work, machine: AnalyticMachine, startCycle: number, isFirst: boolean): LayerTime {
  const { memory } = machine;
  const moved = (bytes: number): number => Math.ceil(bytes / machine.burstBytes) * machine.burstBytes;
  const early = isFirst || !work.weightPrefetchable ? 0 : machine.earlyWeightGenerations;
  const tally = new LayerTimeTally(startCycle, work.processor === "vector");
  const processorCycles = addProcessorTime(work, tally);
  const { preloadCycles } = work.classes[work.classOf[0]!]!;
  // A stationary load hides behind the operation before, unless there is none or its operand comes late.
  const weightPreload = work.stationary === "weight" && early === 0 ? preloadCycles : 0;
  const ifmapPreload = work.stationary === "ifmap" ? preloadCycles : 0;
  const weightBytes = moved(work.weight.bytes[0] ?? 0);
  const ifmapBytes = moved(work.ifmap.bytes[0] ?? 0);
  const ofmapBytes = moved(work.ofmapWriteBytes.at(-1) ?? 0);
  const weightStart = early === 0 ? transferTime(memory.firstUseCycles(weightBytes), weightBytes, memory) : NO_TIME;
  const ifmapStart = transferTime(memory.readBackCycles(ifmapBytes), ifmapBytes, memory);
  const waitsForWeights = weightStart.cycles + weightPreload >= ifmapStart.cycles + ifmapPreload;
  const startWait = waitsForWeights ? weightStart.cycles + weightPreload : ifmapStart.cycles + ifmapPreload;
  const lastWrite = transferTime(memory.writeCycles(ofmapBytes), ofmapBytes, memory);
  const latencyBound = startWait + processorCycles + lastWrite.cycles;
  const { actions } = work;
  const { ifmap: ifmapBus, ofmap: ofmapBus } = busBytes(work, memory);
  const earlyBytes =
    largest(work.weight.bytes, early) + largest(work.metadataBytes, early) + 2 * early * machine.burstBytes;
  const weightReadBytes = actions.dramWeightReadBytes + actions.dramMetadataReadBytes;
  const weightBus = Math.max(0, weightReadBytes - earlyBytes);
  const busBound = memory.busyCycles(ifmapBus + ofmapBus + weightBus);
  const decodeBound = sumColumn(work.decodeCycles) - largest(work.decodeCycles, early);
  const cycles = Math.max(latencyBound, busBound, decodeBound);

  const { causes, reasons } = tally;
  const opening = waitsForWeights ? weightStart : ifmapStart;
  causes[waitsForWeights ? "waitWeights" : "waitIfmap"] += opening.cycles;
  causes.fillDrain += startWait - opening.cycles;
  causes.waitOfmap += lastWrite.cycles;
  reasons.bandwidth += opening.bandwidth + lastWrite.bandwidth;
  reasons.latency += opening.cycles - opening.bandwidth + lastWrite.cycles - lastWrite.bandwidth;
  const excess = cycles - latencyBound;
  if (excess > 0 && decodeBound >= busBound) causes.decode += excess;
  else if (excess > 0) {
    reasons.bandwidth += excess;
    if (weightBus >= ifmapBus && weightBus >= ofmapBus) causes.waitWeights += excess;
    else if (ifmapBus >= ofmapBus) causes.waitIfmap += excess;
    else causes.waitOfmap += excess;
  }
  tally.hiddenCycles = memory.busyCycles(Math.min(earlyBytes, weightReadBytes));
  const activity = memory.activityOf(
    {
      weightReadBytes,
      ifmapReadBytes: actions.dramIfmapReadBytes,
      ofmapReadBytes: actions.dramPsumReadBytes,
      ofmapWriteBytes: actions.dramOfmapWriteBytes + actions.dramPsumWriteBytes,
    },
    cycles,
  );
  return tally.finish(startCycle + cycles, activity);
}
