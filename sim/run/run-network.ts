/**
 * Runs a network on a design in one of the two fidelities: lower, plan tiles, time. Energy comes after.
 */
import type { Design } from "../../hw-models/design.js";
import { type DramPlan, planDram } from "../../hw-models/dram/dram-plan.js";
import type { MemoryTiming } from "../../hw-models/dram/memory-timing.js";
import { createArray } from "../../hw-models/pe-array/index.js";
import { isValued } from "../../hw-models/pe-array/pe-array-kind.js";
import { ConfigError, ModelError, quoteForMessage } from "../core/errors.js";
import { nearestSpelling } from "../core/nearest-spelling.js";
import { type ClockPlan, planClocks } from "../engine/clock.js";
import { type MemorySystem, NO_ACTIVITY, REQUESTERS } from "../engine/memory-system.js";
import type { SpanSink } from "../engine/span-sink.js";
import type { EncodingChoice } from "../ir/encodings/encoding.js";
import { parseStorageChoice } from "../ir/encodings/index.js";
import type { Network } from "../ir/network.js";
import type { Operation } from "../ir/operation.js";
import { analyticTime } from "./analytic.js";
import { CoSimulation } from "./co-simulation.js";
import type { FunctionalOptions } from "./functional/functional-types.js";
import { type Ideal, NOTHING_IDEAL } from "./ideal.js";
import { IdealMemory } from "./ideal-memory.js";
import type { LayerTime } from "./layer-time.js";
import { planResidency } from "./liveness.js";
import { lowerNetwork } from "./lower.js";
import { type Machine, workOf } from "./operation-work.js";
import { TensorAddresses } from "./tensor-addresses.js";
import { TILES_PER_TURN, Turns } from "./turns.js";
import type { ArrayValues } from "./values/array-values.js";
import { createValues, type ValueOptions } from "./values/create-values.js";
import { dramReadBytes, dramWriteBytes, type WorkSummary } from "./work.js";
import { WorkWindow } from "./work-window.js";

export interface SimulateOptions {
  /** @default "cycle" */
  readonly fidelity?: "cycle" | "analytic";
  /** Only the operations that hold these layers, in network order, as if they were the network. */
  readonly layers?: readonly string[];
  /** Encoding of learned weights, `name:key=value,...`. @default dense */
  readonly encoding?: string;
  /**
   * `as-encoded`: weights are stored as the encoding says. `native`: in the form that the design takes without decoding, with the
   * values that the encoding made. @default "as-encoded"
   */
  readonly storage?: "as-encoded" | "native";
  /** Where values come from on which a design or an encoding depends. */
  readonly values?: ValueOptions;
  /** @default "0" */
  readonly seed?: string;
  /** Repeat the run at these operating points of the design. */
  readonly operatingPoints?: "all" | readonly string[];
  readonly ideal?: Partial<Ideal>;
  /** Run the matrix layers with values as well, and end in an error where the array does not give the kernels' bits. */
  readonly functional?: FunctionalOptions;
  readonly spans?: SpanSink;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, layer: string) => void;
}

/** Work and time of every operation of a run. */
export interface Run {
  readonly operations: readonly Operation[];
  readonly works: readonly WorkSummary[];
  readonly times: readonly LayerTime[];
  readonly clocks: ClockPlan;
  /** Of the array, for utilisation. */
  readonly peakMacsPerCycle: number;
  /** What layers were given for values; undefined where nothing depends on them. */
  readonly values: ArrayValues | undefined;
  /** Bytes that tensors were given in DRAM, and that it has; undefined for a pipe, which has no addresses. */
  readonly dramAddresses: { readonly usedBytes: number; readonly capacityBytes: number | undefined };
}

/** Lowers and times a network; no energy yet. */
export async function runNetwork(network: Network, design: Design, options: SimulateOptions): Promise<Run> {
  const encoding = options.encoding === undefined ? undefined : parseStorageChoice(options.encoding);
  const operations = chooseLayers(
    lowerNetwork(network, design, { encoding, isNative: options.storage === "native" }),
    options.layers,
  );
  const ideal = { ...NOTHING_IDEAL, ...options.ideal };
  const array = createArray(design);
  const dram = planDram(design.dram);
  const memory = { addresses: new TensorAddresses(), layout: design.dram.layout, burstBytes: dram.burstBytes };
  const needsValues = isValued(array) || operations.some((operation) => isToBeDecomposed(operation, network));
  const values = needsValues ? await valuesOf(network, design, operations, encoding, options) : undefined;
  const machine: Machine = {
    design,
    array,
    values: isValued(array) ? values : undefined,
    containerOf: ({ name, weight }) => values?.containerOf(name) ?? network.tensors.get(weight.storage)?.smartdeal?.(),
    ideal,
    memory,
    tilings: new Map(),
  };
  const residency = planResidency(operations, network, design);
  const works = new WorkWindow(operations.length, (index) => workOf(operations[index]!, machine, residency[index]!));
  const turns = new Turns(options, operations.length);
  const clocks = clocksOf(design, dram);
  const times =
    options.fidelity === "analytic"
      ? await analyticTimes(works, design, dram, clocks, ideal, turns)
      : await cycleTimes(works, design, dram, clocks, ideal, options, turns);
  const dramAddresses = { usedBytes: memory.addresses.usedBytes, capacityBytes: dram.capacityBytes };
  const { peakMacsPerCycle } = array;
  return { operations, works: works.summaries, times, clocks, peakMacsPerCycle, dramAddresses, values };
}

/** True for weights that are to be stored as Ce and B, and are not yet. */
function isToBeDecomposed(operation: Operation, { tensors }: Network): boolean {
  if (operation.kind !== "matrix" || operation.weightEncoding.name !== "smartdeal") return false;
  return tensors.get(operation.weight.storage)?.smartdeal === undefined;
}

/** Values for a machine or an encoding that depends on them. */
function valuesOf(
  network: Network,
  design: Design,
  operations: readonly Operation[],
  encoding: EncodingChoice | undefined,
  options: SimulateOptions,
): Promise<ArrayValues> {
  const turns = new Turns(options, operations.length);
  let done = 0;
  return createValues(network, design, operations, encoding, { ...options.values, ...options }, (layer) =>
    turns.take(TILES_PER_TURN, done++, `decomposing ${layer}`),
  );
}

/** @throws ConfigError for a layer that the network does not have */
function chooseLayers(operations: Operation[], names: readonly string[] | undefined): Operation[] {
  if (names === undefined) return operations;
  const holds = (operation: Operation, name: string): boolean =>
    operation.name === name || operation.fused.includes(name);
  const known = operations.flatMap((operation) => [operation.name, ...operation.fused]);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new ConfigError(
      unknown.map((name) => {
        const nearest = nearestSpelling(name, known);
        return {
          where: "layers",
          got: quoteForMessage(name),
          want: `a layer of the network, such as ${quoteForMessage(known[0] ?? "")}`,
          fix: nearest === undefined ? "see 'pj show network'" : `did you mean ${quoteForMessage(nearest)}?`,
        };
      }),
    );
  }
  return operations.filter((operation) => names.some((name) => holds(operation, name)));
}

/** The clocks of a machine on one base tick. */
export function clocksOf(design: Design, dram: DramPlan): ClockPlan {
  return planClocks([
    { name: "core", clockHz: design.clockHz },
    { name: "dram", clockHz: dram.clockHz },
  ]);
}

/** Tiles that each buffer of a design can hold at a time. */
export function bufferSlots(design: Design) {
  const slots = (doubleBuffered: boolean): number => (doubleBuffered ? 2 : 1);
  const { weight, ifmap, ofmap } = design.buffers;
  return {
    weight: slots(weight.doubleBuffered),
    ifmap: slots(ifmap.doubleBuffered),
    ofmap: slots(ofmap.doubleBuffered),
  };
}

const IDEAL_MEMORY: MemoryTiming = {
  firstUseCycles: () => 0,
  readBackCycles: () => 0,
  writeCycles: () => 0,
  busyCycles: () => 0,
  postedBytes: 0,
  activityOf: () => NO_ACTIVITY,
};

async function analyticTimes(
  works: WorkWindow,
  design: Design,
  dram: DramPlan,
  clocks: ClockPlan,
  ideal: Ideal,
  turns: Turns,
): Promise<LayerTime[]> {
  const machine = {
    memory: ideal.dram ? IDEAL_MEMORY : dram.timing(clocks),
    burstBytes: dram.burstBytes,
    earlyWeightGenerations: bufferSlots(design).weight,
  };
  const times: LayerTime[] = [];
  let start = 0;
  for (let index = 0; index < works.length; index++) {
    const work = works.at(index);
    const time = analyticTime(work, machine, start, index === 0);
    times.push(time);
    start = time.endCycle;
    works.retire(index);
    await turns.take(work.tiles, times.length, work.operation.name);
  }
  return times;
}

async function cycleTimes(
  works: WorkWindow,
  design: Design,
  dram: DramPlan,
  clocks: ClockPlan,
  ideal: Ideal,
  options: SimulateOptions,
  turns: Turns,
): Promise<LayerTime[]> {
  const memory: MemorySystem = ideal.dram ? new IdealMemory(dram.burstBytes) : dram.createMemory(clocks);
  const simulation = new CoSimulation(memory, works, bufferSlots(design), options.spans);
  const times: LayerTime[] = [];
  while (times.length < works.length) {
    const { tiles, operation } = works.at(times.length);
    const time = simulation.step(TILES_PER_TURN);
    if (time !== undefined) times.push(time);
    await turns.take(Math.min(tiles, TILES_PER_TURN), times.length, operation.name);
  }
  checkTraffic(memory, works.summaries);
  return times;
}

/** Bytes that the memory moved must be those that the operations were charged for. */
function checkTraffic(memory: MemorySystem, works: readonly WorkSummary[]): void {
  let moved = 0;
  for (const requester of REQUESTERS) moved += memory.burstBytes(requester);
  let charged = 0;
  for (const { actions } of works) charged += dramReadBytes(actions) + dramWriteBytes(actions);
  if (moved !== charged) throw new ModelError("dram", `${moved} bytes moved, ${charged} charged`);
}
