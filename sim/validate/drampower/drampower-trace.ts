/**
 * A command trace of the DRAM energy table as columns of numbers: cycles, command numbers, flat bank indices in the channel.
 * Everything malformed is gathered with its line and thrown together; a trace without its END row was cut off.
 */
import { readFile, stat } from "node:fs/promises";
import { POWER_COMMANDS, SREFEN } from "../../../hw-models/dram/power/power-commands.js";
import type { CommandPowerParameters } from "../../../hw-models/dram/power/power-parameters.js";
import { type Issue, quoteForMessage, TraceError } from "../../core/errors.js";

const MAX_TRACE_BYTES = 256 * 1024 * 1024;
const MAX_ISSUES = 20;
const HEADER = ["timestamp", "command", "rank", "bankgroup", "bank", "row", "column"] as const;
const WHOLE = /^\d{1,15}$/;
const END = "END";
const COMMAND_NUMBERS: ReadonlyMap<string, number> = new Map(POWER_COMMANDS.map((name, number) => [name, number]));

type Organization = CommandPowerParameters["organization"];

export interface DrampowerTrace {
  /** Commands without END. */
  readonly length: number;
  readonly cycles: Float64Array;
  readonly commands: Uint8Array;
  readonly banks: Uint32Array;
  readonly endCycle: number;
  readonly hasSelfRefresh: boolean;
}

/** @returns undefined when there is no such file. @throws TraceError when it cannot be read or is malformed */
export async function readDrampowerTrace(
  path: string,
  organization: Organization,
): Promise<DrampowerTrace | undefined> {
  const fail = (got: string): TraceError =>
    new TraceError({
      where: quoteForMessage(path),
      got,
      want: `a command trace of at most ${MAX_TRACE_BYTES} bytes`,
      fix: "put the table's traces beside it",
    });
  let text: string;
  try {
    const status = await stat(path);
    if (!status.isFile()) throw fail("not a plain file");
    if (status.size > MAX_TRACE_BYTES) throw fail(`a file of ${status.size} bytes`);
    text = await readFile(path, "latin1");
  } catch (error) {
    if (error instanceof TraceError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw fail(`a file that cannot be read (${code ?? String(error)})`);
  }
  return new TraceReader(text, path, organization).read();
}

class TraceReader {
  readonly #text: string;
  readonly #path: string;
  readonly #organization: Organization;
  readonly #issues: Issue[] = [];
  readonly #cycles: Float64Array;
  readonly #commands: Uint8Array;
  readonly #banks: Uint32Array;
  #line = 0;
  #length = 0;
  #lastCycle = 0;
  #endCycle: number | undefined;
  #hasSelfRefresh = false;

  constructor(text: string, path: string, organization: Organization) {
    this.#text = text;
    this.#path = path;
    this.#organization = organization;
    const lines = countLines(text);
    this.#cycles = new Float64Array(lines);
    this.#commands = new Uint8Array(lines);
    this.#banks = new Uint32Array(lines);
  }

  read(): DrampowerTrace {
    const text = this.#text;
    for (let start = 0, end = 0; start < text.length && this.#issues.length < MAX_ISSUES; start = end + 1) {
      end = text.indexOf("\n", start);
      if (end < 0) end = text.length;
      this.#line++;
      this.#readLine(text.slice(start, end).trim());
    }
    const complete = this.#issues.length < MAX_ISSUES;
    if (complete && this.#endCycle === undefined) this.#report("", "no END row", "END and the last cycle as last row");
    if (this.#issues.length > 0) throw new TraceError(this.#issues);
    return {
      length: this.#length,
      cycles: this.#cycles.subarray(0, this.#length),
      commands: this.#commands.subarray(0, this.#length),
      banks: this.#banks.subarray(0, this.#length),
      endCycle: this.#endCycle!,
      hasSelfRefresh: this.#hasSelfRefresh,
    };
  }

  #readLine(line: string): void {
    if (line === "") return;
    const cells = line.split(",");
    if (this.#line === 1) {
      if (cells.join() !== HEADER.join()) this.#report("", quoteForMessage(line), `the header ${HEADER.join()}`);
      return;
    }
    if (cells.length !== HEADER.length) {
      this.#report("", `${cells.length} cells`, `${HEADER.length} cells, as the header has`);
      return;
    }
    if (this.#endCycle !== undefined) {
      this.#report("command", quoteForMessage(cells[1]), "nothing after END");
      return;
    }
    const cycle = this.#whole(cells, 0, this.#lastCycle, Number.MAX_SAFE_INTEGER);
    this.#lastCycle = cycle;
    for (const cell of [5, 6]) this.#whole(cells, cell, 0, Number.MAX_SAFE_INTEGER);
    if (cells[1] === END) this.#endCycle = cycle;
    else this.#readCommand(cells, cycle);
  }

  #readCommand(cells: readonly string[], cycle: number): void {
    const { ranks, bankGroups, banksPerGroup } = this.#organization;
    const command = COMMAND_NUMBERS.get(cells[1]!);
    if (command === undefined) {
      this.#report("command", quoteForMessage(cells[1]), `one of ${POWER_COMMANDS.join(", ")} or ${END}`);
      return;
    }
    const rank = this.#whole(cells, 2, 0, ranks - 1);
    const bank = this.#whole(cells, 4, 0, bankGroups * banksPerGroup - 1);
    const group = Math.floor(bank / banksPerGroup);
    this.#whole(cells, 3, group, group);
    this.#cycles[this.#length] = cycle;
    this.#commands[this.#length] = command;
    this.#banks[this.#length] = rank * bankGroups * banksPerGroup + bank;
    this.#length++;
    if (command === SREFEN) this.#hasSelfRefresh = true;
  }

  /** A whole number within bounds, or the lower bound after a report. */
  #whole(cells: readonly string[], index: number, minimum: number, maximum: number): number {
    const text = cells[index]!;
    const value = WHOLE.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    const range = maximum === Number.MAX_SAFE_INTEGER ? `${minimum} or more` : `${minimum} to ${maximum}`;
    this.#report(HEADER[index]!, text === "" ? "an empty cell" : quoteForMessage(text), `a whole number, ${range}`);
    return minimum;
  }

  #report(column: string, got: string, want: string): void {
    const place = column === "" ? "" : ` column ${column}`;
    const where = `${quoteForMessage(this.#path)}:${this.#line}${place}`;
    this.#issues.push({ where, got, want, fix: "correct the line, or write the trace again in full" });
  }
}

function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
