/**
 * A DRAM system under a trace: all channels on one clock, requests offered in trace order, as many a cycle as the host can
 * issue, stopping at the first that has not arrived or finds no room. A cycle is: every channel steps, then the host offers.
 * Cycles in which nothing can happen are skipped.
 */
import { ModelError } from "../../sim/core/errors.js";
import type { RequestStream } from "../../sim/ir/request-stream.js";
import { AddressMap, type DecodedAddress } from "./address-map.js";
import { ChannelController, type CommandSink } from "./channel-controller.js";
import type { ControllerParameters } from "./controller-parameters.js";
import type { DramDevice } from "./device.js";
import { addDramStatistics, type DramStatistics, emptyDramStatistics } from "./dram-statistics.js";

export interface DramRun {
  readonly requests: number;
  /** Cycles that the run took. */
  readonly cycles: number;
  /** Cycle in which the last request was accepted. */
  readonly acceptCycle: number;
  readonly statistics: DramStatistics;
  /** Writes that were never sent to the device: fewer than a drain is worth. */
  readonly writesLeft: number;
}

export interface DramRunOptions {
  readonly mapping: string;
  readonly controller: ControllerParameters;
  /** Requests that the host offers in a cycle. */
  readonly issueWidth: number;
  readonly commands?: (channel: number) => CommandSink;
  /** Skip cycles in which nothing can happen; without, every cycle is stepped, with the same result. @default true */
  readonly skipIdle?: boolean;
}

/** Runs a trace to its end. @throws ModelError when no request can make progress any more */
export function runDramTrace(device: DramDevice, stream: RequestStream, options: DramRunOptions): DramRun {
  const { organization } = device;
  const skipIdle = options.skipIdle ?? true;
  const map = new AddressMap(organization, options.mapping);
  const channels = Array.from(
    { length: organization.channels },
    (_, index) => new ChannelController(device, options.controller, options.commands?.(index)),
  );
  const place: DecodedAddress = { channel: 0, rank: 0, bankGroup: 0, bank: 0, row: 0, column: 0 };
  let more = stream.next();
  if (more) map.decode(stream.address, place);
  let requests = 0;
  let acceptCycle = 0;
  let clock = 0;
  for (;;) {
    for (const channel of channels) if (!skipIdle || channel.nextCycle() <= clock) channel.step(clock);
    let offered = 0;
    while (more && offered < options.issueWidth && stream.arrivalCycle <= clock) {
      const bank = (place.rank * organization.bankGroups + place.bankGroup) * organization.banksPerGroup + place.bank;
      const channel = channels[place.channel]!;
      if (!channel.offer(bank, place.row, place.column, stream.isWrite, stream.address, clock + 1)) break;
      offered++;
      requests++;
      acceptCycle = clock;
      more = stream.next();
      if (more) map.decode(stream.address, place);
    }
    clock++;
    if (!more && channels.every((channel) => channel.isQuiet)) break;
    let next = more && stream.arrivalCycle >= clock ? stream.arrivalCycle : Number.POSITIVE_INFINITY;
    for (const channel of channels) next = Math.min(next, channel.nextCycle());
    if (next === Number.POSITIVE_INFINITY) throw new ModelError("dram", "requests wait and nothing can happen", clock);
    if (skipIdle) clock = Math.max(clock, next);
  }
  const statistics = emptyDramStatistics();
  // The run ends with the tick that delivers the last completion.
  let cycles = clock;
  for (const channel of channels) cycles = Math.max(cycles, channel.statistics.lastCompletionCycle + 1);
  let writesLeft = 0;
  for (const channel of channels) {
    runOut(channel, cycles);
    writesLeft += channel.writesWaiting;
    addDramStatistics(statistics, channel.statistics);
  }
  return { requests, cycles, acceptCycle, statistics, writesLeft };
}

/** Lets refresh go on until the end of the run. */
function runOut(channel: ChannelController, cycles: number): void {
  for (let next = channel.nextCycle(); next < cycles; next = channel.nextCycle()) channel.step(next);
  channel.finish(cycles);
}
