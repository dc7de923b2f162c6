/**
 * Two families of errors. The user's fault (ConfigError, NetworkError, TraceError, UnsupportedError) says where,
 * what was found, what is wanted and how to fix it; the command line shows it without a stack and exits 2.
 * Our own fault (ModelError) carries the component path and cycle; the command line exits 70.
 */
import { printableText } from "./printable-text.js";

/** One complaint in four parts. */
export interface Issue {
  /** Path of the offending value, e.g. `design.yaml:4:9 peArray.rows`. */
  readonly where: string;
  readonly got: string;
  /** Range or list of what is accepted. */
  readonly want: string;
  readonly fix: string;
}

const MAX_SHOWN_CHARACTERS = 200;

/** Shortens a value quoted in a message, and shows control characters as escapes, so that hostile input stays readable. */
export function quoteForMessage(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return printableText(text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}...` : text);
}

function formatIssue(issue: Issue): string {
  return [`where: ${issue.where}`, `  got: ${issue.got}`, ` want: ${issue.want}`, `  fix: ${issue.fix}`].join("\n");
}

/** Base of everything that is the user's to mend. Holds every issue found, not only the first. */
export class UserError extends Error {
  readonly issues: readonly Issue[];

  constructor(issues: Issue | readonly Issue[]) {
    const all = Array.isArray(issues) ? (issues as readonly Issue[]) : [issues as Issue];
    super(all.map(formatIssue).join("\n\n"));
    this.name = new.target.name;
    this.issues = all;
  }
}

/** A design, option or energy table is wrong. */
export class ConfigError extends UserError {}
/** A network file or graph is wrong. */
export class NetworkError extends UserError {}
/** A trace, table or data set is wrong. */
export class TraceError extends UserError {}
/** The input is well formed, but the model cannot run it. */
export class UnsupportedError extends UserError {}

/** A run was cancelled through its `AbortSignal`. */
export class CancelledError extends Error {
  constructor(what: string) {
    super(`${what} was cancelled`);
    this.name = "CancelledError";
  }
}

/** Our bug: an invariant of a model does not hold. */
export class ModelError extends Error {
  readonly component: string;
  readonly cycle: number | undefined;

  constructor(component: string, what: string, cycle?: number) {
    super(`${component}${cycle === undefined ? "" : ` at cycle ${cycle}`}: ${what}`);
    this.name = "ModelError";
    this.component = component;
    this.cycle = cycle;
  }
}
