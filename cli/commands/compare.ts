/** `pj compare`: reports side by side, from disk or from fresh runs. */
import { readFile, stat } from "node:fs/promises";
import type { Command } from "commander";
import type { Report, SimulateOptions } from "../../index.js";
import { command, ending } from "../command.js";
import { EXIT, interruptSignal } from "../exit.js";
import { isModelFile, loadModel, type ModelRequest } from "../model-values.js";
import { print } from "../output.js";
import { startProgress } from "../progress.js";
import { terminalPage } from "../terminal.js";
import { openSet, openStore, valueChecks, withValueOptions } from "../value-flags.js";
import { compareDesignsAction, isStudy, type StudyFlags } from "./compare-designs.js";

type CompareFlags = StudyFlags;

const EXAMPLES = [
  "pj compare resnet18@systolic-32x32-os resnet18@systolic-32x32-ws",
  "pj compare before/report.json after/report.json --json",
  "pj compare results/report.json resnet50@tpu-like",
  "pj compare resnet18,mobilenetv2@diannao,bit-pragmatic,smartexchange --encoding smartdeal:t=0.004 --out study",
];

type RunOptions = SimulateOptions & { readonly seed: string };

const MAX_REPORT_BYTES = 512 * 1024 * 1024;

async function readReport(path: string): Promise<Report> {
  const { ConfigError, parseReport, quoteForMessage } = await import("../../index.js");
  try {
    const { size } = await stat(path);
    if (size > MAX_REPORT_BYTES) throw Object.assign(new Error(`${size} bytes`), { code: `${size} bytes, too large` });
    return parseReport(await readFile(path, "utf8"), path);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError({
      where: quoteForMessage(path),
      got: `a file that cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
      want: "a report in JSON, or network@design",
      fix: "check the path",
    });
  }
}

/** What a reference names: a report's file, or a run. With an @ a .json may be a design, so the file must be there. */
async function isReportFile(reference: string): Promise<boolean> {
  if (!/\.json$/i.test(reference)) return false;
  return !reference.includes("@") || (await stat(reference).catch(() => undefined)) !== undefined;
}

/** A fresh run of `network@design`, weights stored as the design takes them. */
async function freshRun(
  reference: string,
  request: Omit<ModelRequest, "reference">,
  options: RunOptions,
): Promise<Report> {
  const { ConfigError, loadDesign, quoteForMessage, simulate } = await import("../../index.js");
  const at = reference.lastIndexOf("@");
  if (at < 1) {
    throw new ConfigError({
      where: "compare",
      got: `'${quoteForMessage(reference)}'`,
      want: "a report in a .json file, or network@design for a fresh run",
      fix: "for example resnet18@systolic-32x32-os",
    });
  }
  const name = reference.slice(0, at);
  const design = await loadDesign(reference.slice(at + 1));
  const { dataSet, ...rest } = request;
  const isFile = isModelFile(name);
  const model = await loadModel({ ...rest, reference: name, dataSet: isFile ? dataSet : undefined }, {}, options);
  const { network, program, inputs, encoding } = model;
  return simulate(network, design, {
    ...options,
    storage: "native",
    ...(encoding !== undefined && { encoding }),
    values: { ...options.values, ...(program && { program }), ...(inputs && { inputs }) },
  });
}

async function compareAction(references: readonly string[], flags: CompareFlags): Promise<number> {
  if (references.some(isStudy)) return compareDesignsAction(references, flags);
  const { ConfigError, compareReports, renderComparison, renderJson } = await import("../../index.js");
  if (references.length < 2) {
    throw new ConfigError({
      where: "compare",
      got: `${references.length} report`,
      want: "two or more",
      fix: "name another report.json or network@design",
    });
  }
  const { checkAll, parseChoice } = await import("../option-values.js");
  const { fidelity, activations, distribution, workers } = checkAll({
    fidelity: () => parseChoice("--fidelity", flags.fidelity ?? "cycle", ["cycle", "analytic"]),
    ...(await valueChecks(
      flags,
      references.some((reference) => /\.(onnx|tflite)@/i.test(reference)),
    )),
  });
  const areFiles = await Promise.all(references.map(isReportFile));
  if (flags.fidelity !== undefined && areFiles.every(Boolean)) {
    throw new ConfigError({
      where: "--fidelity",
      got: "a fidelity for reports that have run already",
      want: "a fresh run among them, network@design",
      fix: "leave it out",
    });
  }
  const progress = await startProgress(!flags.quiet && !flags.json);
  const values = { store: await openStore(flags.cache), workers, ...(distribution !== undefined && { distribution }) };
  const options = { fidelity, seed: flags.seed, signal: interruptSignal(), onProgress: progress.update, values };
  const request = { encoding: flags.encoding, dataSet: await openSet(activations, flags.seed) };
  const reports: { name: string; report: Report }[] = [];
  try {
    for (const [index, name] of references.entries()) {
      const report = areFiles[index] ? await readReport(name) : await freshRun(name, request, options);
      reports.push({ name, report });
    }
  } finally {
    progress.stop();
  }
  const comparison = compareReports(reports);
  const { width, paint } = await terminalPage();
  await print(flags.json ? renderJson(comparison) : renderComparison(comparison, width, paint));
  return EXIT.fine;
}

export function compareCommand(): Command {
  const compare = command(
    "compare",
    "reports side by side, per layer and per component, or networks on designs (networks@designs, separated by commas); the first is the base",
    EXAMPLES,
  )
    .argument("<reports...>", "report.json files, or network@design for fresh runs")
    .option("--fidelity <cycle|analytic>", "of fresh runs (default: cycle)")
    .option("--encoding <name>", "how weights of fresh runs are made, such as smartdeal:t=0.004")
    .option(
      "--equal <lanes|area>",
      "designs as they are, or each array scaled to the area of the first design",
      "lanes",
    )
    .option("--out <folder>", "write a comparison of designs there (study.txt, .csv, .json, .html and plots as .svg)");
  return withValueOptions(compare).action(ending(compareAction));
}
