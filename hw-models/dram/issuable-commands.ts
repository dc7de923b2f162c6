/** Commands that a controller can ever choose: rules between others need not be kept up. */
import type { Command } from "./commands.js";
import type { ControllerParameters } from "./controller-parameters.js";

export function issuableCommands(parameters: ControllerParameters): Command[] {
  const columns: Command[] = parameters.rowPolicy === "close" ? ["RDA", "WRA"] : ["RD", "WR"];
  const commands: Command[] = ["ACT", "PRE", ...columns];
  if (parameters.refresh === "all-bank") commands.push("REF");
  if (parameters.refresh === "per-bank") commands.push("REFpb");
  if (parameters.selfRefreshAfterCycles !== undefined) commands.push("SRE", "SRX");
  if (parameters.powerDownAfterCycles !== undefined) commands.push("PDE", "PDX");
  return commands;
}
