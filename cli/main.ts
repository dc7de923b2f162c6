#!/usr/bin/env node
/** Entry of `pj`: the commands, and how parse errors end. Commands load the library when they run. */
import { Command, CommanderError } from "commander";
import { codesignCommand } from "./commands/codesign.js";
import { compareCommand } from "./commands/compare.js";
import { compressCommand } from "./commands/compress.js";
import { crossoverCommand } from "./commands/crossover.js";
import { dramCommand } from "./commands/dram.js";
import { evalCommand } from "./commands/eval.js";
import { listCommand } from "./commands/list.js";
import { runCommand } from "./commands/run.js";
import { showCommand } from "./commands/show.js";
import { simulateCommand } from "./commands/simulate.js";
import { validateCommand } from "./commands/validate.js";
import { EXIT, ignoreBrokenPipe, reportEscapes, reportFailure } from "./exit.js";
import { print } from "./output.js";

ignoreBrokenPipe();
reportEscapes();

const program = new Command("pj")
  .description("Cycles and energy of neural networks on accelerators, layer by layer.")
  .option("-V, --version", "print the version")
  .showHelpAfterError("(add --help for usage)")
  .addHelpText("after", "\nStart with:\n  $ pj simulate resnet50 --on systolic-32x32-os\n  $ pj list networks");

const COMMANDS = [
  listCommand(),
  showCommand(),
  simulateCommand(),
  compareCommand(),
  codesignCommand(),
  crossoverCommand(),
  dramCommand(),
  runCommand(),
  evalCommand(),
  compressCommand(),
  validateCommand(),
];
for (const sub of COMMANDS) program.addCommand(sub);
for (const part of [program, ...program.commands]) part.exitOverride();

try {
  if (["-V", "--version"].includes(process.argv[2] ?? "")) {
    const { VERSION } = await import("../index.js");
    await print(`${VERSION}\n`);
  } else await program.parseAsync(process.argv);
} catch (error) {
  if (!(error instanceof CommanderError)) process.exitCode = await reportFailure(error);
  else process.exitCode = error.exitCode === 0 ? EXIT.fine : EXIT.userInput;
}
