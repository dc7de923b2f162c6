/** `pj validate`: every row of a reference table through the model. */
import type { Command } from "commander";
import { type CommonOptions, command, ending } from "../command.js";
import { EXIT } from "../exit.js";
import { print } from "../output.js";
import { terminalPage } from "../terminal.js";

interface ValidateFlags extends CommonOptions {
  readonly tolerance?: string;
  readonly models?: string;
}

async function validateAction(kind: string, table: string, flags: ValidateFlags): Promise<number> {
  const { renderJson, renderValidation, validate } = await import("../../index.js");
  const { parseTolerance } = await import("../option-values.js");
  const tolerance = flags.tolerance === undefined ? undefined : parseTolerance(flags.tolerance);
  const result = await validate(kind, table, {
    ...(tolerance !== undefined && { tolerance }),
    ...(flags.models !== undefined && { models: flags.models }),
  });
  if (flags.json) await print(renderJson(result));
  else {
    if (tolerance !== undefined && !flags.quiet) await print(`tolerance widened to ${tolerance}\n`);
    const { width, paint } = await terminalPage();
    await print(renderValidation(result, width, paint));
  }
  return result.misses.length === 0 && result.matched === result.compared ? EXIT.fine : EXIT.checkFailed;
}

export function validateCommand(): Command {
  return command("validate", "run every row of a reference table through the model and compare", [
    "pj validate scalesim scalesim.csv",
    "pj validate scalesim scalesim.csv --tolerance 0.01 --json",
    "pj validate dram dram.csv",
    "pj validate drampower drampower.csv --json",
    "pj validate tflite golden.json --models models",
    "pj validate smartdeal smartdeal-golden.json",
  ])
    .argument("<kind>", "kind of table, see 'pj list validations'")
    .argument("<table>", "the table's file")
    .option("--tolerance <relative>", "widen every column's tolerance; printed with the result")
    .option("--models <folder>", "folder of the models that a tflite table names (default: the table's own)")
    .action(ending(validateAction));
}
