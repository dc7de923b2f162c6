/** `pj simulate`: per-layer latency and energy of a network on a design. */
import type { Command } from "commander";
import type { Report } from "../../index.js";
import { type CommonOptions, collect, command, ending } from "../command.js";
import { EXIT, interruptSignal } from "../exit.js";
import { print, terminalWidth, writeFiles } from "../output.js";
import { startProgress } from "../progress.js";

interface SimulateFlags extends CommonOptions {
  readonly on?: string;
  readonly set: readonly string[];
  readonly encoding?: string;
  readonly fidelity: string;
  readonly layers?: string;
  readonly batch: string;
  readonly shape: readonly string[];
  readonly option: readonly string[];
  readonly allowUnknown?: boolean;
  readonly operatingPoints?: string;
  readonly out?: string;
  readonly formats?: string;
}

const EXAMPLES = [
  "pj simulate resnet50 --on systolic-32x32-os",
  "pj simulate model.onnx --on tpu-like --shape x=1,3,224,224",
  "pj simulate resnet18 --on tpu-like --set peArray.rows=128 --set 'dram.clockHz=1.2 GHz'",
  "pj simulate gpt2-decode --on tpu-like --option contextTokens=512 --fidelity analytic",
  "pj simulate resnet50 --on systolic-32x32-ws --encoding nm:n=2,m=4 --out results --formats csv,json",
];

/** Reads the flags, loads both sides, runs. */
export async function runSimulation(reference: string, flags: SimulateFlags): Promise<Report> {
  const { ConfigError, loadDesign, loadNetwork, simulate } = await import("../../index.js");
  const { parseChoice, parseCount, parseList, parsePairs, parseShapes } = await import("../option-values.js");
  if (flags.on === undefined) {
    throw new ConfigError({
      where: "--on",
      got: "no design",
      want: "the design to simulate on",
      fix: "--on systolic-32x32-os, or another of 'pj list designs', or a YAML file",
    });
  }
  const fidelity = parseChoice("--fidelity", flags.fidelity, ["cycle", "analytic"]);
  const layers = flags.layers === undefined ? undefined : parseList("--layers", flags.layers);
  const points =
    flags.operatingPoints === undefined ? undefined : parseList("--operating-points", flags.operatingPoints);
  const design = await loadDesign(flags.on, { set: flags.set });
  const network = await loadNetwork(reference, {
    batch: parseCount("--batch", flags.batch),
    shapes: parseShapes(flags.shape),
    allowUnknown: flags.allowUnknown ?? false,
    networkOptions: parsePairs("--option", flags.option),
  });
  const progress = await startProgress(!flags.quiet && !flags.json);
  try {
    return await simulate(network, design, {
      fidelity,
      seed: flags.seed,
      signal: interruptSignal(),
      onProgress: progress.update,
      ...(layers === undefined ? {} : { layers }),
      ...(flags.encoding === undefined ? {} : { encoding: flags.encoding }),
      ...(points === undefined ? {} : { operatingPoints: points.includes("all") ? ("all" as const) : points }),
    });
  } finally {
    progress.stop();
  }
}

async function simulateAction(reference: string, flags: SimulateFlags): Promise<number> {
  const { REPORTS } = await import("../../index.js");
  const { parseChoice, parseList } = await import("../option-values.js");
  const names = Object.keys(REPORTS) as (keyof typeof REPORTS)[];
  const formats = parseList("--formats", flags.formats ?? (flags.out === undefined ? "table" : "table,csv,json")).map(
    (name) => parseChoice("--formats", name, names),
  );
  const report = await runSimulation(reference, flags);
  const width = terminalWidth();
  if (flags.out !== undefined) {
    const files: Record<string, string> = {};
    for (const name of formats) {
      const { extension, render } = REPORTS[name];
      files[`report.${extension}`] = await render(report, { width: 140 });
    }
    const written = await writeFiles(flags.out, files);
    if (flags.json) await print(await REPORTS.json.render(report));
    else if (!flags.quiet)
      await print(
        `${await REPORTS.table.render(report, { width })}\n${written.map((path) => `wrote ${path}\n`).join("")}`,
      );
    return EXIT.fine;
  }
  if (flags.json) await print(await REPORTS.json.render(report));
  else for (const name of formats) await print(await REPORTS[name].render(report, { width }));
  return EXIT.fine;
}

export function simulateCommand(): Command {
  return command("simulate", "per-layer latency and energy of a network on a design", EXAMPLES)
    .argument("<network>", "built-in name, .onnx file, or SCALE-Sim topology .csv")
    .option("--on <design>", "preset, or .yaml/.json file")
    .option("--set <path=value>", "change a parameter of the design (repeatable)", collect, [])
    .option("--encoding <name>", "encoding of learned weights, such as nm:n=2,m=4 (values synthetic)")
    .option("--fidelity <cycle|analytic>", "co-simulation, or closed forms", "cycle")
    .option("--layers <names>", "only these layers, separated by commas")
    .option("--batch <n>", "inputs at a time", "1")
    .option("--shape <name=dims>", "shape of a graph input of an ONNX file (repeatable)", collect, [])
    .option("--option <key=value>", "option of a built-in network, such as contextTokens=512 (repeatable)", collect, [])
    .option("--allow-unknown", "cost unknown operators of an ONNX file as data movement")
    .option("--operating-points <names>", "repeat at these points of the design, or all")
    .option("--out <folder>", "write the reports there (report.txt, report.csv, report.json)")
    .option("--formats <names>", "table, csv, json (default: table; all three with --out)")
    .action(ending(simulateAction));
}
