/**
 * DRAM commands as CSV, one a line, in the order of cycles and, within one, of channels. Channels of a run may be far apart
 * in time, so that each has a part of its own on disk, in order; the parts are merged when all have ended.
 */
import { ModelError } from "../sim/core/errors.js";
import { CommandTracePart } from "./command-trace-part.js";
import { WholeFile } from "./whole-file.js";

const HEADER = "cycle,command,channel,rank,bankgroup,bank,row,column\n";

/** What a command speaks of; columns that it does not are empty in the file. */
export interface TracedCommand {
  readonly cycle: number;
  readonly command: string;
  readonly channel: number;
  readonly rank: number;
  /** Absent for commands to a whole rank. */
  readonly bankGroup?: number;
  readonly bank?: number;
  /** Absent for commands that name no row, or no column. */
  readonly row?: number;
  readonly column?: number;
}

export class CommandTraceWriter extends WholeFile {
  private readonly parts: readonly CommandTracePart[];
  private readonly lastCycles: Float64Array;

  /** @throws TraceError when there is no writing there */
  constructor(path: string, channels: number) {
    super(path, "command trace");
    this.lastCycles = new Float64Array(channels);
    // The commands of one channel are in order as they come.
    const count = channels === 1 ? 0 : channels;
    this.parts = this.attempt(() =>
      Array.from({ length: count }, (_, index) => new CommandTracePart(this.folder, index)),
    );
    this.write(HEADER);
  }

  /** @throws ModelError when a command comes before the one before it of its channel */
  add(command: TracedCommand): void {
    const { channel, cycle } = command;
    if (cycle < this.lastCycles[channel]!) {
      throw new ModelError("dram", `channel ${channel} reports its commands out of order`, cycle);
    }
    this.lastCycles[channel] = cycle;
    const part = this.parts[channel];
    if (part === undefined) this.write(lineOf(command));
    else this.attempt(() => part.add(lineOf(command)));
  }

  override finish(): void {
    this.attempt(() => this.merge());
    super.finish();
  }

  override discard(): void {
    // Not there yet when the file itself could not be begun.
    for (const part of this.parts ?? []) part.close();
    super.discard();
  }

  /** Lines of all parts: always the earliest, of the first channel that has one. */
  private merge(): void {
    const waiting = this.parts.filter((part) => part.advance());
    while (waiting.length > 0) {
      let first = 0;
      for (let index = 1; index < waiting.length; index++) {
        if (waiting[index]!.cycle < waiting[first]!.cycle) first = index;
      }
      const part = waiting[first]!;
      this.write(part.line);
      if (!part.advance()) waiting.splice(first, 1);
    }
  }
}

function lineOf({ cycle, command, channel, rank, bankGroup, bank, row, column }: TracedCommand): string {
  return `${cycle},${command},${channel},${rank},${bankGroup ?? ""},${bank ?? ""},${row ?? ""},${column ?? ""}\n`;
}
