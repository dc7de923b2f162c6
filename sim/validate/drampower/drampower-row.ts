/**
 * Rows of the DRAM energy table: which columns are compared and how, which cells a rule leaves out, and what makes a row
 * malformed. Names, the activity of the command bus, flags and the energies of implied precharges are never compared.
 */
import type { LineActivity } from "../../../hw-models/dram/power/bus-activity.js";
import { quoteForMessage } from "../../core/errors.js";
import type { Cell } from "../comparison.js";
import type { ReferenceRow, ReferenceTable } from "../reference-table.js";

const NAME_COLUMNS = ["case", "spec", "protocol", "trace"];
const COUNT_COLUMNS = [
  ...["commands", "cycles", "n_act", "n_pre", "n_rd", "n_wr", "n_rda", "n_wra"],
  ...["n_ref_ab", "n_ref_pb", "n_ref_sb", "n_ref_2b", "n_ref_db", "bank_act_cycles"],
];
const RANK_COUNT_COLUMNS = [
  ...["rank_act_cycles", "rank_pre_cycles", "rank_pdna_cycles", "rank_pdnp_cycles"],
  ...["rank_sref_cycles", "rank_dsm_cycles"],
];
const CORE_COLUMNS = [
  ...["e_act", "e_pre", "e_rd", "e_wr", "e_rda", "e_wra"],
  ...["e_ref_ab", "e_ref_pb", "e_ref_sb", "e_ref_2b", "e_ref_db", "e_bg_act_bank", "e_bg_act_shared", "e_bg_pre"],
  ...["e_pdna", "e_pdnp", "e_sref", "e_dsm", "e_core_total"],
];
const RANK_CORE_COLUMNS = ["e_bg_act_bank_by_rank", "e_bg_pre_by_rank"];
const UNCOMPARED_COLUMNS = ["e_pre_rda", "e_pre_wra"];
const INTERFACE_ENERGY_COLUMNS = ["i_ctrl_static", "i_ctrl_dynamic", "i_dram_static", "i_dram_dynamic", "i_total"];
const BUS_COLUMNS = [
  ...["ck_edges", "wck_edges", "rdqs_edges", "wdqs_edges"],
  ...["rdq_ones", "rdq_zeroes", "rdq_01", "wdq_ones", "wdq_zeroes", "wdq_01"],
];
/** Columns that are empty together where the peer could not run its bus. */
const INTERFACE_COLUMNS = [...INTERFACE_ENERGY_COLUMNS, "i_fault", "ca_ones", "ca_zeroes", "ca_01", ...BUS_COLUMNS];

export const DRAMPOWER_COLUMNS: readonly string[] = [
  ...[...NAME_COLUMNS, ...COUNT_COLUMNS, ...RANK_COUNT_COLUMNS, ...CORE_COLUMNS, ...RANK_CORE_COLUMNS],
  ...[...UNCOMPARED_COLUMNS, "pdx_quirk", ...INTERFACE_COLUMNS],
];

/** What the peer's restart of a closed bank after power-down spoils. */
const QUIRK_COLUMNS = ["bank_act_cycles", "e_bg_act_bank", "e_bg_act_bank_by_rank", "e_core_total"];
const QUIRK_TRACE = "pdx_quirk";

const isQuirk = (row: ReferenceRow): boolean => row.text("pdx_quirk") === "1";
const isFault = (row: ReferenceRow): boolean => row.text("i_fault") === "1";
const lacksInterface = (row: ReferenceRow): boolean => INTERFACE_COLUMNS.every((column) => row.text(column) === "");

interface ExclusionRule {
  readonly rule: string;
  holds(row: ReferenceRow): boolean;
}

export const EXCLUSION_RULES: readonly ExclusionRule[] = [
  {
    rule: "pdx_quirk: the peer takes a bank for active that was closed as power-down began; its active time and energy",
    holds: isQuirk,
  },
  {
    rule: "i_fault: a counter of the peer wraps where DDR4 bursts follow each other; the energies of the interface",
    holds: isFault,
  },
  {
    rule: "no interface: the peer cannot run its bus (LPDDR6, self refresh of DDR5); all cells of the interface",
    holds: lacksInterface,
  },
];

export type ExpectedCell = Omit<Cell, "got">;

export interface DrampowerRow {
  readonly expected: readonly ExpectedCell[];
  /** Activity of the command bus; undefined where the row has no interface. */
  readonly commandAddress: LineActivity | undefined;
}

/** What a row was run with, as far as its set and its trace are there. */
export interface RowSubject {
  readonly standard: string | undefined;
  readonly hasSelfRefresh: boolean | undefined;
}

/** True when a row names what it was run with; else reports names that are empty or lead out of the folder of traces. */
export function checkNames(table: ReferenceTable, row: ReferenceRow): boolean {
  const empty = NAME_COLUMNS.filter((column) => row.text(column) === "");
  for (const column of empty) table.report(row.line, column, "an empty cell", "a name");
  const paths = ["spec", "trace"].filter((column) => /[/\\\0]/.test(row.text(column)));
  for (const column of paths) table.report(row.line, column, quoteForMessage(row.text(column)), "a name, not a path");
  return empty.length === 0 && paths.length === 0;
}

/** Expected cells of a row without those that a rule leaves out; whatever is malformed is reported to the table. */
export function readDrampowerRow(table: ReferenceTable, row: ReferenceRow, subject: RowSubject): DrampowerRow {
  const core = [...readCounts(row), ...readEnergies(row)];
  for (const column of UNCOMPARED_COLUMNS) row.number(column);
  checkFlag(table, row, "pdx_quirk");
  if (isQuirk(row) && row.text("trace") !== QUIRK_TRACE) {
    table.report(row.line, "pdx_quirk", "1", `0, but in the trace ${QUIRK_TRACE}`);
  }
  const expected = isQuirk(row) ? core.filter(({ column }) => !QUIRK_COLUMNS.includes(column)) : core;
  if (lacksInterface(row)) {
    checkLack(table, row, subject);
    return { expected, commandAddress: undefined };
  }
  return { expected: [...expected, ...readInterface(table, row, subject)], commandAddress: readCommandBus(row) };
}

function readCounts(row: ReferenceRow): ExpectedCell[] {
  return [
    ...COUNT_COLUMNS.map((column): ExpectedCell => ({ column, rule: "integer", expected: row.count(column, 0) })),
    ...RANK_COUNT_COLUMNS.map((column): ExpectedCell => ({ column, rule: "integer", expected: row.counts(column, 0) })),
  ];
}

function readEnergies(row: ReferenceRow): ExpectedCell[] {
  return [
    ...CORE_COLUMNS.map((column): ExpectedCell => ({ column, rule: "float", expected: row.number(column) })),
    ...RANK_CORE_COLUMNS.map((column): ExpectedCell => ({ column, rule: "float", expected: row.numbers(column) })),
  ];
}

function readInterface(table: ReferenceTable, row: ReferenceRow, { standard }: RowSubject): ExpectedCell[] {
  checkFlag(table, row, "i_fault");
  if (isFault(row) && standard !== undefined && standard !== "DDR4") {
    table.report(row.line, "i_fault", `1 for ${standard}`, "0, but for DDR4");
  }
  const energies = INTERFACE_ENERGY_COLUMNS.map(
    (column): ExpectedCell => ({ column, rule: "float", expected: row.number(column) }),
  );
  const bus = BUS_COLUMNS.map((column): ExpectedCell => ({ column, rule: "integer", expected: row.count(column, 0) }));
  return isFault(row) ? bus : [...energies, ...bus];
}

function readCommandBus(row: ReferenceRow): LineActivity {
  return { ones: row.count("ca_ones", 0), zeros: row.count("ca_zeroes", 0), risingEdges: row.count("ca_01", 0) };
}

function checkFlag(table: ReferenceTable, row: ReferenceRow, column: string): void {
  const text = row.text(column);
  if (text !== "0" && text !== "1")
    table.report(row.line, column, text === "" ? "an empty cell" : quoteForMessage(text), "0 or 1");
}

/** Only LPDDR6, and DDR5 with self refresh in its trace, may be without an interface. */
function checkLack(table: ReferenceTable, row: ReferenceRow, { standard, hasSelfRefresh }: RowSubject): void {
  if (standard === undefined || hasSelfRefresh === undefined) return;
  if (standard === "LPDDR6" || (standard === "DDR5" && hasSelfRefresh)) return;
  const want = "a number: only LPDDR6, and DDR5 with SREFEN in the trace, have no interface";
  table.report(row.line, INTERFACE_COLUMNS[0]!, `an empty cell for ${standard}`, want);
}
