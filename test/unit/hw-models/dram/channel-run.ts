/** A channel of a device under a few requests, its commands as lines. */
import { ChannelController } from "../../../../hw-models/dram/channel-controller.js";
import { COMMANDS } from "../../../../hw-models/dram/commands.js";
import { type ControllerParameters, DEFAULT_CONTROLLER } from "../../../../hw-models/dram/controller-parameters.js";
import type { DramDevice } from "../../../../hw-models/dram/device.js";
import type { DramStatistics } from "../../../../hw-models/dram/dram-statistics.js";

/** A request that the host hands over in a cycle; the channel counts it from the next one. */
export interface Offer {
  readonly at: number;
  readonly bank: number;
  readonly row: number;
  readonly column?: number;
  readonly isWrite?: boolean;
}

export interface ChannelRun {
  /** `cycle command bank`, in order. */
  readonly lines: readonly string[];
  readonly statistics: DramStatistics;
}

/** Runs the cycles before `end`. */
export function runChannel(
  device: DramDevice,
  settings: Partial<ControllerParameters>,
  offers: readonly Offer[],
  end: number,
): ChannelRun {
  const lines: string[] = [];
  const channel = new ChannelController(
    device,
    { ...DEFAULT_CONTROLLER, ...settings },
    { commands: { command: (cycle, command, bank) => lines.push(`${cycle} ${COMMANDS[command]} ${bank}`) } },
  );
  for (const [tag, { at, bank, row, column = 0, isWrite = false }] of offers.entries()) {
    channel.runThrough(at);
    const { burstsPerRow, rows, requestBytes } = device.organization;
    const address = ((bank * rows + row) * burstsPerRow + column) * requestBytes;
    if (!channel.offer(bank, row, column, isWrite, address, at + 1, tag)) throw new Error(`no room at ${at}`);
  }
  channel.runThrough(end - 1);
  channel.settle(end);
  return { lines, statistics: channel.statistics };
}
