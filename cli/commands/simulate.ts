/** `pj simulate`: per-layer latency and energy of a network on a design. */
import type { Command } from "commander";
import type { DataSet, Design, DesignAccuracy, DesignAccuracyOptions, Report } from "../../index.js";
import { type CommonOptions, collect, command, ending } from "../command.js";
import { EXIT, interruptSignal } from "../exit.js";
import { isModelFile, loadModel } from "../model-values.js";
import { PAGE_WIDTH_OF_FILES, print, writeFiles } from "../output.js";
import { startProgress } from "../progress.js";
import { terminalPage } from "../terminal.js";
import { openSet, openStore, type ValueFlags, valueChecks, withValueOptions } from "../value-flags.js";

interface SimulateFlags extends CommonOptions, ValueFlags {
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
  readonly functional?: boolean;
  readonly functionalMacs?: string;
  readonly eval?: string;
  readonly limit?: string;
  readonly out?: string;
  readonly formats?: string;
}

const EXAMPLES = [
  "pj simulate resnet50 --on systolic-32x32-os",
  "pj simulate model.onnx --on tpu-like --shape x=1,3,224,224",
  "pj simulate resnet18 --on tpu-like --set peArray.rows=128 --set 'dram.clockHz=1.2 GHz'",
  "pj simulate gpt2-decode --on tpu-like --option contextTokens=512 --fidelity analytic",
  "pj simulate resnet50 --on systolic-32x32-ws --encoding nm:n=2,m=4 --out results --formats csv,json",
  "pj simulate lenet5 --on systolic-32x32-os --functional",
  "pj simulate resnet18 --on smartexchange --encoding smartdeal:t=0.004",
  "pj simulate model.onnx --on systolic-32x32-os --encoding int4 --eval fashion-mnist",
];

/** Values of the flags, every complaint about them at once. */
async function readFlags(reference: string, flags: SimulateFlags) {
  const { ConfigError, REPORTS, quoteForMessage } = await import("../../index.js");
  const { checkAll, parseChoice, parseCount, parseList, parsePairs, parsePoints, parseShapes } = await import(
    "../option-values.js"
  );
  const known = Object.keys(REPORTS) as (keyof typeof REPORTS)[];
  const optional = <Value>(text: string | undefined, parse: (text: string) => Value): Value | undefined =>
    text === undefined ? undefined : parse(text);
  return checkAll({
    on: () => {
      if (flags.on !== undefined) return flags.on;
      throw new ConfigError({
        where: "--on",
        got: "no design",
        want: "the design to simulate on",
        fix: "--on systolic-32x32-os, or another of 'pj list designs', or a YAML file",
      });
    },
    fidelity: () => parseChoice("--fidelity", flags.fidelity, ["cycle", "analytic"]),
    layers: () => optional(flags.layers, (text) => parseList("--layers", text)),
    points: () => optional(flags.operatingPoints, parsePoints),
    batch: () => parseCount("--batch", flags.batch),
    shapes: () => parseShapes(flags.shape),
    networkOptions: () => parsePairs("--option", flags.option),
    formats: () => {
      const texts = parseList("--formats", flags.formats ?? (flags.out === undefined ? "table" : known.join(",")));
      return texts.map((text) => parseChoice("--formats", text, known));
    },
    macsPerLayer: () => {
      if (flags.functionalMacs === undefined || flags.functional === true) {
        return optional(flags.functionalMacs, (text) => parseCount("--functional-macs", text, 15));
      }
      throw new ConfigError({
        where: "--functional-macs",
        got: `${quoteForMessage(flags.functionalMacs)} without --functional`,
        want: "a run with values, of which it is the size",
        fix: "add --functional",
      });
    },
    evaluation: () => {
      const limit = optional(flags.limit, (text) => parseCount("--limit", text));
      if (flags.eval !== undefined) {
        if (isModelFile(reference)) return { data: flags.eval, ...(limit !== undefined && { limit }) };
        throw new ConfigError({
          where: "--eval",
          got: `network '${quoteForMessage(reference)}', which has no weights`,
          want: "a model file ending in .onnx or .tflite",
          fix: "name a model file, or leave --eval out",
        });
      }
      if (limit === undefined) return undefined;
      const fix = "add --eval <set>, or leave --limit out";
      throw new ConfigError({ where: "--limit", got: "a limit without --eval", want: "data to evaluate on", fix });
    },
    ...(await valueChecks(flags, isModelFile(reference))),
    idle: () => {
      if (flags.formats === undefined || flags.json !== true || flags.out !== undefined) return;
      throw new ConfigError({
        where: "--formats",
        got: "formats beside --json",
        want: "--json alone, whose one document is the report, or --out for files as well",
        fix: "leave one of the two out, or add --out",
      });
    },
  });
}

async function simulateAction(reference: string, flags: SimulateFlags): Promise<number> {
  const { REPORTS, loadDesign, simulate } = await import("../../index.js");
  const { on, fidelity, layers, points, formats, ...given } = await readFlags(reference, flags);
  const signal = interruptSignal();
  const design = await loadDesign(on, { set: flags.set });
  if (points === "all") await requirePoints(design);
  const { data, ...evaluated } = given.evaluation ?? {};
  const dataSet = await openSet(data ?? given.activations, flags.seed);
  const progress = await startProgress(!flags.quiet && !flags.json);
  const running = { seed: flags.seed, signal, onProgress: progress.update };
  const work = async (): Promise<Report> => {
    const { batch, shapes, networkOptions } = given;
    const reading = { batch, shapes, networkOptions, allowUnknown: flags.allowUnknown ?? false };
    const model = await loadModel({ reference, encoding: flags.encoding, dataSet }, reading, { ...running, shapes });
    const { network, compressed, program, inputs, encoding } = model;
    const accuracy =
      dataSet === undefined || data === undefined
        ? undefined
        : await accuracyOf(reference, design, dataSet, {
            ...running,
            ...evaluated,
            ...(flags.encoding !== undefined && { encoding: flags.encoding }),
            ...(compressed !== undefined && { compressed }),
          });
    const { macsPerLayer, distribution, workers } = given;
    const timed = await simulate(network, design, {
      ...running,
      fidelity,
      values: {
        store: await openStore(flags.cache),
        workers,
        ...(program !== undefined && { program }),
        ...(inputs !== undefined && { inputs }),
        ...(distribution !== undefined && { distribution }),
      },
      ...(layers !== undefined && { layers }),
      ...(encoding !== undefined && { encoding }),
      ...(points !== undefined && { operatingPoints: points }),
      ...(flags.functional && {
        functional: { ...(macsPerLayer !== undefined && { macsPerLayer }), ...(program !== undefined && { program }) },
      }),
    });
    if (accuracy === undefined) return timed;
    return { ...timed, accuracy: { ...accuracy, ...(timed.functional !== undefined && { outputsBitExact: true }) } };
  };
  const report = await work().finally(progress.stop);
  const written = flags.out === undefined ? [] : await writeFiles(flags.out, await filesOf(report, formats));
  if (flags.json) await print(await REPORTS.json.render(report));
  else if (flags.out === undefined) await print(await textOf(report, formats));
  else if (!flags.quiet) {
    await print(`${await textOf(report, ["table"])}\n${written.map((path) => `wrote ${path}\n`).join("")}`);
  }
  return EXIT.fine;
}

/** Accuracy of a model file as a design computes it. */
async function accuracyOf(
  path: string,
  design: Design,
  dataSet: DataSet,
  options: DesignAccuracyOptions,
): Promise<DesignAccuracy> {
  const { evaluateOnDesign, loadProgram } = await import("../../index.js");
  return evaluateOnDesign(await loadProgram(path), design, dataSet, options);
}

/** @throws ConfigError when `all` operating points are none */
async function requirePoints(design: Design): Promise<void> {
  if (design.technology.operatingPoints.length > 0) return;
  const { ConfigError, quoteForMessage } = await import("../../index.js");
  throw new ConfigError({
    where: "--operating-points",
    got: `'all' of design '${quoteForMessage(design.name)}', which has none`,
    want: "a design that lists technology.operatingPoints",
    fix: "add points to the design, or leave the option out",
  });
}

type FormatName = Awaited<ReturnType<typeof readFlags>>["formats"][number];

async function filesOf(report: Report, formats: readonly FormatName[]): Promise<Record<string, string>> {
  const { REPORTS } = await import("../../index.js");
  const files: Record<string, string> = {};
  for (const name of formats) {
    const { extension, render } = REPORTS[name];
    files[`report.${extension}`] = await render(report, { width: PAGE_WIDTH_OF_FILES });
  }
  return files;
}

/** Formats one after the other, an empty line between two. */
async function textOf(report: Report, formats: readonly FormatName[]): Promise<string> {
  const { REPORTS } = await import("../../index.js");
  const page = await terminalPage();
  const texts: string[] = [];
  for (const name of formats) texts.push(await REPORTS[name].render(report, page));
  return texts.join("\n");
}

export function simulateCommand(): Command {
  const simulate = command("simulate", "per-layer latency and energy of a network on a design", EXAMPLES)
    .argument("<network>", "built-in name, .onnx or .tflite file, or SCALE-Sim topology .csv")
    .option("--on <design>", "preset, or .yaml/.json file")
    .option("--set <path=value>", "change a parameter of the design (repeatable)", collect, [])
    .option(
      "--encoding <name>",
      "encoding of learned weights, such as nm:n=2,m=4 (values synthetic); for an .onnx file also a method, such as int4 or magnitude:n=2,m=4: its own weights, compressed",
    )
    .option("--fidelity <cycle|analytic>", "co-simulation, or closed forms", "cycle")
    .option("--layers <names>", "only these layers, separated by commas")
    .option("--batch <n>", "inputs at a time", "1")
    .option("--shape <name=dims>", "shape of a graph input of an ONNX file (repeatable)", collect, [])
    .option("--option <key=value>", "option of a built-in network, such as contextTokens=512 (repeatable)", collect, [])
    .option("--allow-unknown", "cost unknown operators of an ONNX file as data movement")
    .option("--operating-points <names>", "repeat at these points of the design, or all")
    .option(
      "--functional",
      "run matrix layers with values through the array's registers, held to the kernels bit for bit (values of the file, or drawn)",
    )
    .option(
      "--functional-macs <n>",
      "run all tiles of layers up to n MACs; of larger ones the first, last, ragged and a seeded sample (default: 134217728)",
    )
    .option("--eval <data>", "accuracy of a model file on data, as the design computes it (sets as of 'pj eval')")
    .option("--limit <n>", "most samples to evaluate, drawn by the seed")
    .option("--out <folder>", "write the reports there (report.txt, report.csv, report.json)")
    .option("--formats <names>", "table, csv, json (default: table; all three with --out)");
  return withValueOptions(simulate).action(ending(simulateAction));
}
