/** `pj dram`: a memory trace on a DRAM device. */
import type { Command } from "commander";
import { type CommonOptions, collect, command, ending } from "../command.js";
import { EXIT, interruptSignal } from "../exit.js";
import { print } from "../output.js";
import { startProgress } from "../progress.js";
import { terminalPage } from "../terminal.js";

interface DramFlags extends CommonOptions {
  readonly device?: string;
  readonly generate?: string;
  readonly out?: string;
  readonly channels?: string;
  readonly mapping?: string;
  readonly issueWidth: string;
  readonly page?: string;
  readonly set: readonly string[];
  readonly commands?: string;
}

const EXAMPLES = [
  "pj dram trace.txt --device DDR4_8Gb_x8_2400",
  "pj dram trace.txt.gz --device HBM2_8Gb_x128 --issue-width 8 --json",
  "pj dram --generate seq:n=100000 --device DDR3_8Gb_x8_1600",
  "pj dram --generate rand:n=50000,span=0x40000000 --device GDDR6_8Gb_x16",
  "pj dram --generate tile:tiles=128 --device DDR4_8Gb_x8_2400 --out t.gz",
  "pj dram trace.txt --device LPDDR4_8Gb_x16_2400 --commands commands.csv",
  "pj dram trace.txt --device DDR3_8Gb_x8_1600 --mapping rochrababgco",
];

const FORMATS = `
A trace has one request a line, '0xADDR READ|WRITE CYCLE' (cycles of the memory
clock, never decreasing), or 'LD|ST ADDR' or 'R|W ADDR' (as fast as the memory
takes them). Files may be compressed by gzip.

Patterns, with what may be left out in brackets; gap is cycles between requests:
  seq:n[,base,w,gap]               stride:n,stride[,base,w,gap]
  rand:n,span[,seed,wpct,base,gap] copy:n[,gap]
  mixtile:tiles[,seed,gap]
  tile:tiles[,wtile,arows,arow,apitch,otile,gap]`;

/** Values of the flags, every complaint about them at once. */
async function readFlags(file: string | undefined, flags: DramFlags) {
  const { ConfigError } = await import("../../index.js");
  const { checkAll, parseChoice, parseCount, parsePairs } = await import("../option-values.js");
  const refuse = (where: string, got: string, want: string, fix: string): never => {
    throw new ConfigError({ where, got, want, fix });
  };
  return checkAll({
    trace: () => {
      if (file !== undefined && flags.generate !== undefined) {
        return refuse("trace", "a file and --generate", "one of the two", "leave one of them out");
      }
      if (file !== undefined) return { file };
      if (flags.generate !== undefined) return { pattern: flags.generate };
      return refuse("trace", "no trace", "a trace file, or --generate", "for example --generate seq:n=100000");
    },
    device: () => {
      const fix = "--device DDR4_8Gb_x8_2400, or another of 'pj list devices'";
      return flags.device ?? refuse("--device", "no device", "the device to run on", fix);
    },
    channels: () => (flags.channels === undefined ? undefined : parseCount("--channels", flags.channels)),
    issueWidth: () => parseCount("--issue-width", flags.issueWidth),
    controller: () => {
      const settings = parsePairs("--set", flags.set);
      if (flags.page === undefined) return settings;
      if ("rowPolicy" in settings) {
        refuse("--page", "--set rowPolicy as well", "one of the two", "leave one of them out");
      }
      return { ...settings, rowPolicy: parseChoice("--page", flags.page, ["open", "close"]) };
    },
    out: () => {
      if (flags.out === undefined || flags.generate !== undefined) return flags.out;
      return refuse("--out", "a trace that is a file already", "--generate", "leave --out out");
    },
    commands: () => {
      if (flags.commands === undefined || flags.commands !== flags.out) return flags.commands;
      return refuse("--commands", "the file of --out", "a file of its own", "name another file");
    },
  });
}

async function dramAction(file: string | undefined, flags: DramFlags): Promise<number> {
  const { discardUnfinishedFiles, renderDramReport, renderJson, simulateDram } = await import("../../index.js");
  const { trace, device, channels, issueWidth, controller, out, commands } = await readFlags(file, flags);
  const signal = interruptSignal();
  // A second Ctrl-C ends the program at once; half a file goes with it all the same.
  process.once("exit", discardUnfinishedFiles);
  const progress = await startProgress(!flags.quiet && !flags.json);
  const report = await simulateDram(trace, {
    device,
    issueWidth,
    controller,
    seed: flags.seed,
    signal,
    onProgress: progress.update,
    ...(channels === undefined ? {} : { channels }),
    ...(flags.mapping === undefined ? {} : { mapping: flags.mapping }),
    ...(commands === undefined ? {} : { commandsFile: commands }),
    ...(out === undefined ? {} : { traceFile: out }),
  }).finally(progress.stop);
  if (flags.json) {
    await print(renderJson(report));
    return EXIT.fine;
  }
  const written = [out, commands].filter((path) => path !== undefined).map((path) => `wrote ${path}\n`);
  await print(renderDramReport(report, await terminalPage()));
  if (!flags.quiet && written.length > 0) await print(`\n${written.join("")}`);
  return EXIT.fine;
}

export function dramCommand(): Command {
  return command("dram", "replay a memory trace on a DRAM device: time, latencies, commands, energy", EXAMPLES)
    .argument("[trace]", "trace file, plain or gzip")
    .option("--device <name>", "device, see 'pj list devices'")
    .option("--generate <pattern>", "make the trace instead, such as rand:n=50000,span=0x40000000")
    .option("--out <file>", "write the generated trace there as text (.gz: compressed)")
    .option("--channels <n>", "channels side by side (default: the device's)")
    .option("--mapping <fields>", "address mapping, most significant first, such as rochrababgco")
    .option("--issue-width <n>", "requests that the host offers in a cycle", "1")
    .option("--page <open|close>", "keep rows open, or precharge with every access")
    .option("--set <key=value>", "parameter of the controller, listed by 'pj show device' (repeatable)", collect, [])
    .option("--commands <file>", "write every DRAM command there as CSV")
    .addHelpText("after", FORMATS)
    .action(ending(dramAction));
}
