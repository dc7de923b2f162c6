/**
 * A DRAM system under a trace: all channels on one clock, requests offered in trace order, as many a cycle as the host can
 * issue, stopping at the first that has not arrived or finds no room. A cycle is: every channel steps, then the host offers.
 * Channels know nothing of each other, so each is only brought up to the cycle in which it is offered something.
 */
import { RequestBlock, type RequestSource } from "../../sim/ir/request-block.js";
import { AddressMap, type DecodedAddress } from "./address-map.js";
import { ChannelController, type CommandSink } from "./channel-controller.js";
import type { ControllerParameters } from "./controller-parameters.js";
import type { DramDevice } from "./device.js";
import { addDramStatistics, type DramStatistics, emptyDramStatistics } from "./dram-statistics.js";

const NO_TAG = -1;
/** Cycles between two pauses: a tenth of a second at most, on one channel that is busy all the time. */
const STRETCH_CYCLES = 2 ** 19;

export interface DramRun {
  readonly requests: number;
  /** Cycles that the run took. */
  readonly cycles: number;
  /** Cycle in which the last request was accepted. */
  readonly acceptCycle: number;
  readonly statistics: DramStatistics;
  /** Those of each channel; `statistics` is their sum. */
  readonly channels: readonly DramStatistics[];
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

/** A trace under way: blocks of it go in, with pauses for whoever may want to stop it; the result comes out at the end. */
export class TraceReplay {
  /** Requests accepted so far. */
  requests = 0;
  private readonly device: DramDevice;
  private readonly issueWidth: number;
  private readonly map: AddressMap;
  private readonly channels: readonly ChannelController[];
  private readonly place: DecodedAddress = { channel: 0, rank: 0, bankGroup: 0, bank: 0, row: 0, column: 0 };
  private clock = 0;
  private acceptCycle = 0;
  /** Requests accepted in the cycle of the clock. */
  private accepted = 0;
  /** Requests of the block under way that are accepted. */
  private position = 0;

  constructor(device: DramDevice, options: DramRunOptions) {
    this.device = device;
    this.issueWidth = options.issueWidth;
    this.map = new AddressMap(device.organization, options.mapping);
    this.channels = Array.from(
      { length: device.organization.channels },
      (_, index) =>
        new ChannelController(device, options.controller, {
          commands: options.commands?.(index),
          skipIdle: options.skipIdle ?? true,
        }),
    );
  }

  /**
   * Goes on with a block, for a bounded number of cycles.
   * @returns true when all its requests are accepted; before, it is to be handed in again
   * @throws ModelError when requests can make no progress
   */
  advance(block: RequestBlock): boolean {
    const { map, place, channels } = this;
    const { bankGroups, banksPerGroup } = this.device.organization;
    const end = this.clock + STRETCH_CYCLES;
    for (; this.position < block.length; this.position++) {
      if (this.accepted === this.issueWidth) this.goTo(this.clock + 1);
      const arrival = block.arrivalCycle[this.position]!;
      if (arrival > this.clock) this.goTo(Math.min(arrival, end));
      if (this.clock >= end) return this.pause();
      const address = block.address[this.position]!;
      const isWrite = block.isWrite[this.position] === 1;
      map.decode(address, place);
      const bank = (place.rank * bankGroups + place.bankGroup) * banksPerGroup + place.bank;
      const channel = channels[place.channel]!;
      channel.runThrough(this.clock);
      if (!channel.hasRoom(isWrite)) {
        this.goTo(channel.runUntilRoom(isWrite, end));
        if (!channel.hasRoom(isWrite)) return this.pause();
      }
      channel.offer(bank, place.row, place.column, isWrite, address, this.clock + 1, NO_TAG);
      this.accepted++;
      this.acceptCycle = this.clock;
    }
    this.requests += block.length;
    this.position = 0;
    return true;
  }

  /** Brings every channel up to the clock, so that none has long to catch up later. */
  private pause(): false {
    for (const channel of this.channels) channel.runThrough(this.clock);
    return false;
  }

  private goTo(cycle: number): void {
    this.clock = cycle;
    this.accepted = 0;
  }

  /** Runs until everything is served. */
  finish(): DramRun {
    const { channels } = this;
    const statistics = emptyDramStatistics();
    // The run ends with the cycle that delivers the last completion.
    let cycles = this.clock + 1;
    for (const channel of channels) {
      cycles = Math.max(cycles, channel.runUntilQuiet() + 1, channel.statistics.lastCompletionCycle + 1);
    }
    let writesLeft = 0;
    for (const channel of channels) {
      channel.runThrough(cycles - 1);
      channel.settle(cycles);
      writesLeft += channel.writesWaiting;
      addDramStatistics(statistics, channel.statistics);
    }
    return {
      requests: this.requests,
      cycles,
      acceptCycle: this.acceptCycle,
      statistics,
      channels: channels.map((channel) => channel.statistics),
      writesLeft,
    };
  }
}

/** Runs a trace to its end. @throws ModelError when requests can make no progress */
export function runDramTrace(device: DramDevice, source: RequestSource, options: DramRunOptions): DramRun {
  const replay = new TraceReplay(device, options);
  const block = new RequestBlock();
  for (;;) {
    source.fill(block);
    if (block.length === 0) return replay.finish();
    while (!replay.advance(block));
  }
}
