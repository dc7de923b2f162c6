/**
 * Watches one channel for the memory around it: which bursts completed, whose rows were opened, and what the data bus did
 * meanwhile.
 */
import { REQUESTERS, type Requester } from "../../sim/engine/memory-system.js";
import { BusTimeline } from "./bus-timeline.js";
import type { CommandSink, CompletionSink } from "./channel-controller.js";
import { commandCode } from "./commands.js";
import type { DramDevice } from "./device.js";

const ACT = commandCode("ACT");
const PRE = commandCode("PRE");
const RD = commandCode("RD");
const RDA = commandCode("RDA");
const WRA = commandCode("WRA");
const REF = commandCode("REF");

/** Tensor that a requester moves. */
const TENSORS = ["weight", "ifmap", "ofmap"] as const;
const TENSOR_OF: Readonly<Record<Requester, (typeof TENSORS)[number]>> = {
  weight: "weight",
  metadata: "weight",
  ifmap: "ifmap",
  psumRead: "ofmap",
  psumWrite: "ofmap",
  ofmap: "ofmap",
};
const TENSOR_INDEX = Int32Array.from(REQUESTERS, (name) => TENSORS.indexOf(TENSOR_OF[name]));

/** Who is told of completions, by tag. */
export interface TicketBook {
  /** Number of the requester of each tag. */
  readonly requesterOf: Uint8Array;
  burstCompleted(tag: number, cycle: number, channel: number): void;
}

export class ChannelObserver implements CommandSink, CompletionSink {
  readonly timeline = new BusTimeline();
  /** Rows opened for weights, ifmaps and ofmaps. */
  readonly activates = new Float64Array(TENSORS.length);
  private readonly channel: number;
  private readonly book: TicketBook;
  private readonly readDelay: number;
  private readonly writeDelay: number;
  private readonly burstCycles: number;
  private readonly refreshCycles: number;
  /** Cycle in which work on the row that a bank has open began; -1 once the row has been used. */
  private readonly rowWorkFrom: Float64Array;
  private readonly closedAt: Float64Array;
  private refreshUntil = 0;

  constructor(channel: number, device: DramDevice, banks: number, book: TicketBook) {
    const { nAL, nCL, nCWL, nBL, nRFC } = device.timings;
    this.channel = channel;
    this.book = book;
    this.readDelay = nAL + nCL;
    this.writeDelay = nAL + nCWL;
    this.burstCycles = nBL;
    this.refreshCycles = nRFC;
    this.rowWorkFrom = new Float64Array(banks).fill(-1);
    this.closedAt = new Float64Array(banks).fill(-1);
  }

  command(cycle: number, command: number, bank: number, _row: number, _column: number, tag: number): void {
    if (command === ACT) {
      this.rowWorkFrom[bank] = this.closedAt[bank]! >= 0 ? this.closedAt[bank]! : cycle;
      this.activates[TENSOR_INDEX[this.book.requesterOf[tag]!]!]!++;
    } else if (command === PRE) {
      // A row that is closed for a request is part of the work for it; one that is closed for a refresh is not.
      this.closedAt[bank] = tag >= 0 ? cycle : -1;
    } else if (command >= RD && command <= WRA) this.columnCommand(cycle, command, bank);
    else if (command === REF) this.refreshUntil = cycle + this.refreshCycles;
  }

  private columnCommand(cycle: number, command: number, bank: number): void {
    const delay = command === RD || command === RDA ? this.readDelay : this.writeDelay;
    const from = this.rowWorkFrom[bank]!;
    this.rowWorkFrom[bank] = -1;
    const start = cycle + delay;
    this.timeline.add(start, start + this.burstCycles, this.refreshUntil, from < 0 ? 0 : cycle - from);
  }

  completed(tag: number, cycle: number): void {
    this.book.burstCompleted(tag, cycle, this.channel);
  }
}
