/**
 * What a command does when it issues: it postpones others, changes its bank or its rank, is counted, and is reported to
 * whoever listens. What the bank or the banks of the rank need next is looked up again.
 */
import type { BankQueues } from "./bank-queues.js";
import { BANK, BANK_WORDS_LOG2, type BankStates } from "./bank-states.js";
import type { BankTiming } from "./bank-timing.js";
import type { CommandSink } from "./channel-controller.js";
import { COMMAND_COUNT, commandCode } from "./commands.js";
import type { DramStatistics } from "./dram-statistics.js";
import { REQUEST, type RequestPool } from "./request-pool.js";

// Local constants are folded into compiled code; imported ones are loaded at each use.
const [ACT, PRE, RD, RDA, WRA] = [
  commandCode("ACT"),
  commandCode("PRE"),
  commandCode("RD"),
  commandCode("RDA"),
  commandCode("WRA"),
];
const { row: ROW, column: COLUMN, tag: TAG } = REQUEST;
const ACCESSES = BANK.accesses;
const SHIFT = BANK_WORDS_LOG2;
const NO_COLUMN = -1;

export class CommandIssuer {
  /** Commands issued, by number. */
  readonly counts = new Float64Array(COMMAND_COUNT);
  private readonly requests: Int32Array;
  private readonly states: BankStates;
  private readonly timing: BankTiming;
  private readonly queues: BankQueues;
  private readonly statistics: DramStatistics;
  private readonly commands: CommandSink | undefined;

  constructor(
    pool: RequestPool,
    states: BankStates,
    timing: BankTiming,
    queues: BankQueues,
    statistics: DramStatistics,
    commands: CommandSink | undefined,
  ) {
    this.requests = pool.words;
    this.states = states;
    this.timing = timing;
    this.queues = queues;
    this.statistics = statistics;
    this.commands = commands;
  }

  /** A command that uses no column. @param row the row that an activate opens, else -1; @param tag of its request, else -1 */
  issue(command: number, bank: number, row: number, now: number, tag: number): void {
    const { states, queues } = this;
    this.counts[command]!++;
    this.timing.issue(command, bank, now);
    if (command === ACT) states.activate(bank, row, now);
    else if (command === PRE) states.close(bank, now);
    else states.applyToRank(command, states.rankOf(bank), now);
    this.commands?.command(now, command, bank, row, NO_COLUMN, tag);
    if (command === ACT || command === PRE) queues.renew(bank);
    else queues.renewRank(states.rankOf(bank));
  }

  /** The column command of a request, which leaves its queue. @returns true for a read */
  issueColumn(request: number, command: number, bank: number, now: number): boolean {
    const { requests, states, statistics } = this;
    const isRead = command === RD || command === RDA;
    if (states.words[(bank << SHIFT) + ACCESSES]!++ > 0) {
      if (isRead) statistics.readRowHits++;
      else statistics.writeRowHits++;
    }
    this.counts[command]!++;
    this.timing.issue(command, bank, now);
    if (command === RDA || command === WRA) states.close(bank, now);
    this.commands?.command(
      now,
      command,
      bank,
      requests[request + ROW]!,
      requests[request + COLUMN]!,
      requests[request + TAG]!,
    );
    this.queues.remove(request);
    return isRead;
  }
}
