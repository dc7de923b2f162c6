/**
 * What a run's commands say beyond the controller's own counters: whether the first use of a row found its bank closed or had
 * to close another row first. Passes commands on to a command trace, in words.
 */
import type { CommandSink } from "../../hw-models/dram/channel-controller.js";
import { ACT, COMMANDS, isColumnCommand, PRE, REFPB } from "../../hw-models/dram/commands.js";
import { banksOf, type DramOrganization } from "../../hw-models/dram/device.js";
import type { CommandTraceWriter } from "../../traces/command-trace-writer.js";

const SERVED = 0;
const OPENED_FROM_CLOSED = 1;
const OPENED_FROM_CONFLICT = 2;

/** Commands of one channel. */
export class DramCommandObserver implements CommandSink {
  /** First uses of rows. */
  misses = 0;
  conflicts = 0;
  private readonly channel: number;
  private readonly organization: DramOrganization;
  private readonly banksPerRank: number;
  private readonly trace: CommandTraceWriter | undefined;
  /** How the open row of each bank came to be, until its first use. */
  private readonly opening: Uint8Array;
  /** 1 where the last command to a bank was a precharge. */
  private readonly precharged: Uint8Array;

  constructor(channel: number, organization: DramOrganization, trace: CommandTraceWriter | undefined) {
    const banks = banksOf(organization);
    this.channel = channel;
    this.organization = organization;
    this.banksPerRank = banks / organization.ranks;
    this.trace = trace;
    this.opening = new Uint8Array(banks);
    this.precharged = new Uint8Array(banks);
  }

  command(cycle: number, command: number, bank: number, row: number, column: number): void {
    if (isColumnCommand(command)) this.use(bank);
    else if (command === ACT) {
      this.opening[bank] = this.precharged[bank] === 1 ? OPENED_FROM_CONFLICT : OPENED_FROM_CLOSED;
      this.precharged[bank] = 0;
    } else if (command === PRE) this.precharged[bank] = 1;
    else if (command === REFPB) this.precharged[bank] = 0;
    else {
      const first = bank - (bank % this.banksPerRank);
      this.precharged.fill(0, first, first + this.banksPerRank);
    }
    if (this.trace !== undefined) this.write(this.trace, cycle, command, bank, row, column);
  }

  private use(bank: number): void {
    const opening = this.opening[bank];
    if (opening === SERVED) return;
    this.opening[bank] = SERVED;
    if (opening === OPENED_FROM_CLOSED) this.misses++;
    else this.conflicts++;
  }

  private write(
    trace: CommandTraceWriter,
    cycle: number,
    command: number,
    bank: number,
    row: number,
    column: number,
  ): void {
    const { banksPerGroup } = this.organization;
    const inRank = bank % this.banksPerRank;
    const isColumn = isColumnCommand(command);
    const isOfBank = isColumn || command === ACT || command === PRE || command === REFPB;
    trace.add({
      cycle,
      command: COMMANDS[command]!,
      channel: this.channel,
      rank: (bank - inRank) / this.banksPerRank,
      ...(isOfBank ? { bankGroup: Math.floor(inRank / banksPerGroup), bank: inRank % banksPerGroup } : {}),
      ...(isColumn || command === ACT ? { row } : {}),
      ...(isColumn ? { column } : {}),
    });
  }
}
