/**
 * A memory trace on a DRAM device: open the trace, replay it block by block, report. A trace of any length takes the memory
 * of one block. Same trace and options: the same report, byte for byte.
 */
import { AddressMap } from "../../hw-models/dram/address-map.js";
import type { ControllerParameters } from "../../hw-models/dram/controller-parameters.js";
import type { DramDevice } from "../../hw-models/dram/device.js";
import { type DramRun, TraceReplay } from "../../hw-models/dram/dram-system.js";
import type { DramPreset } from "../../hw-models/dram/preset.js";
import { type ControllerSettings, resolveController } from "../../hw-models/dram/resolve-controller.js";
import { CommandTraceWriter } from "../../traces/command-trace-writer.js";
import { MemoryTraceWriter } from "../../traces/memory-trace-writer.js";
import { ConfigError, quoteForMessage } from "../core/errors.js";
import { RequestBlock } from "../ir/request-block.js";
import { assembleDramReport } from "./assemble-dram-report.js";
import { DramCommandObserver } from "./dram-command-observer.js";
import type { DramReport } from "./dram-report-types.js";
import { type DramTrace, type OpenRequests, openRequests } from "./dram-requests.js";
import { loadDevice } from "./load-device.js";
import { TILES_PER_TURN, type TurnOptions, Turns } from "./turns.js";

export interface SimulateDramOptions extends TurnOptions {
  /** Name of a device of the registry, or a device of the caller's. */
  readonly device: string | DramDevice;
  /** @default as the device has */
  readonly channels?: number;
  /** Six fields, most significant first: ro row, ch channel, ra rank, bg bank group, ba bank, co column. @default the device's */
  readonly mapping?: string;
  /** Requests that the host offers in a cycle. @default 1 */
  readonly issueWidth?: number;
  /** Settings of the controller, by the names of its table. @default what the device needs */
  readonly controller?: ControllerSettings;
  /** File for the commands of the run, as CSV. */
  readonly commandsFile?: string;
  /** File for the requests of the run, as text; compressed when its name ends in .gz. */
  readonly traceFile?: string;
  /** Seeds patterns that draw and name no seed, when it is a whole number. @default "0" */
  readonly seed?: string;
}

const DEFAULT_MAPPING = "rochrababgco";
const MAX_CHANNELS = 128;
const MAX_ISSUE_WIDTH = 1024;
/** Requests between two looks at the caller's signal. */
const BLOCK_REQUESTS = 1024;

/**
 * Replays a trace.
 * @throws ConfigError for a device, mapping or setting, TraceError for a trace or a file, CancelledError when the signal aborts
 */
export async function simulateDram(trace: DramTrace, options: SimulateDramOptions): Promise<DramReport> {
  const chosen: DramDevice & Partial<DramPreset> =
    typeof options.device === "string" ? loadDevice(options.device) : options.device;
  const device = withChannels(chosen, options.channels);
  const mapping = (options.mapping ?? chosen.mapping ?? DEFAULT_MAPPING).toLowerCase();
  const { capacityBytes } = new AddressMap(device.organization, mapping);
  const issueWidth = count("issue width", options.issueWidth ?? 1, MAX_ISSUE_WIDTH);
  const controller = resolveController(device, chosen.controller ?? {}, options.controller ?? {});
  const seed = options.seed ?? "0";
  const { requestBytes } = device.organization;
  const requests = await openRequests(trace, { requestBytes, capacityBytes, seed });
  const files: (CommandTraceWriter | MemoryTraceWriter)[] = [];
  try {
    const { commandsFile } = options;
    const { channels } = device.organization;
    const commands = commandsFile === undefined ? undefined : new CommandTraceWriter(commandsFile, channels);
    if (commands !== undefined) files.push(commands);
    const copy = options.traceFile === undefined ? undefined : new MemoryTraceWriter(options.traceFile);
    if (copy !== undefined) files.push(copy);
    const observers = Array.from({ length: channels }, (_, channel) => {
      return new DramCommandObserver(channel, device.organization, commands);
    });
    const run = await replay(device, { mapping, controller, issueWidth }, requests, observers, copy, options);
    const traceSource = requests.source;
    const report = assembleDramReport({ device, mapping, controller, issueWidth, seed, traceSource, run, observers });
    for (const file of files) file.finish();
    return report;
  } finally {
    for (const file of files) file.discard();
    await requests.close();
  }
}

interface System {
  readonly mapping: string;
  readonly controller: ControllerParameters;
  readonly issueWidth: number;
}

async function replay(
  device: DramDevice,
  system: System,
  requests: OpenRequests,
  observers: readonly DramCommandObserver[],
  copy: MemoryTraceWriter | undefined,
  options: TurnOptions,
): Promise<DramRun> {
  const memory = new TraceReplay(device, { ...system, commands: (channel) => observers[channel]! });
  const turns = new Turns(options, requests.total);
  const block = new RequestBlock(BLOCK_REQUESTS);
  for (;;) {
    await requests.fill(block);
    if (block.length === 0) return memory.finish();
    copy?.add(block);
    // A pause is a turn for whoever waits to stop the run: a sparse trace has many cycles between its requests.
    while (!memory.advance(block)) await turns.take(TILES_PER_TURN, requests.done(), requests.source);
    await turns.take(block.length, requests.done(), requests.source);
  }
}

function count(where: string, value: number, maximum: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= maximum) return value;
  const want = `a whole number from 1 to ${maximum}`;
  throw new ConfigError({ where, got: quoteForMessage(value), want, fix: "for example 1" });
}

/** The device with another number of channels beside each other. */
function withChannels(device: DramDevice, channels: number | undefined): DramDevice {
  if (channels === undefined) return device;
  count("channels", channels, MAX_CHANNELS);
  if (!Number.isInteger(Math.log2(channels))) {
    const fix = `${2 ** Math.floor(Math.log2(channels))} or ${2 ** Math.ceil(Math.log2(channels))}`;
    throw new ConfigError({
      where: "channels",
      got: String(channels),
      want: "a power of two, for the address map",
      fix,
    });
  }
  return { ...device, organization: { ...device.organization, channels } };
}
