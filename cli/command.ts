/** What every command has: --json, --quiet, --seed, examples in its help, and an ending by exit code. */
import { Command } from "commander";
import { reportFailure } from "./exit.js";

export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly seed: string;
}

/** A command with the common options and some examples. */
export function command(name: string, description: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(description)
    .option("--json", "print one JSON document and nothing else")
    .option("--quiet", "print only what was asked for: no progress, no hints")
    .option("--seed <text>", "seed of everything random; recorded in the result", "0")
    .showHelpAfterError("(add --help for usage and examples)")
    .addHelpText("after", `\nExamples:\n${examples.map((example) => `  $ ${example}`).join("\n")}`);
}

/** Runs an action and turns whatever it throws into the exit code of its kind. */
export function ending<Arguments extends unknown[]>(action: (...given: Arguments) => Promise<number>) {
  return async (...given: Arguments): Promise<void> => {
    try {
      process.exitCode = await action(...given);
    } catch (error) {
      process.exitCode = await reportFailure(error);
    }
  };
}

/** Collects an option that may be given several times. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
