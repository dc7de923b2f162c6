/** `pj eval`: accuracy of a model on data, and of variants beside it. */
import { basename } from "node:path";
import type { Command } from "commander";
import type { Evaluation, ModelVariant } from "../../index.js";
import { type CommonOptions, collect, command, ending } from "../command.js";
import { EXIT, interruptSignal } from "../exit.js";
import { PAGE_WIDTH_OF_FILES, print, writeFiles } from "../output.js";
import { startProgress } from "../progress.js";
import { terminalPage } from "../terminal.js";
import { openSet } from "../value-flags.js";

interface EvalFlags extends CommonOptions {
  readonly data?: string;
  readonly limit?: string;
  readonly encoding: readonly string[];
  readonly calibration?: string;
  readonly against: readonly string[];
  readonly out?: string;
}

const EXAMPLES = [
  "pj eval model.onnx --data fashion-mnist --limit 1000",
  "pj eval model.onnx --data fashion-mnist --encoding int8 --encoding int4",
  "pj eval model.onnx --data idx:images=x.gz,labels=y.gz --against int8.onnx",
  "pj eval rec.onnx --data text-lines:font=Roboto.woff,dictionary=keys.txt",
];

const CALIBRATION_SAMPLES = 32;

/** Values of the flags, every complaint about them at once. */
async function readFlags(flags: EvalFlags) {
  const { ConfigError, createMethod, DATA_SETS, parseMethodChoice } = await import("../../index.js");
  const { checkAll, parseCount, parseWhole } = await import("../option-values.js");
  return checkAll({
    data: () => {
      if (flags.data !== undefined) return flags.data;
      throw new ConfigError({
        where: "--data",
        got: "no data set",
        want: `one of ${Object.keys(DATA_SETS).join(", ")}, or a folder with the four files of MNIST`,
        fix: "for example --data fashion-mnist",
      });
    },
    limit: () => (flags.limit === undefined ? undefined : parseCount("--limit", flags.limit)),
    methods: () =>
      flags.encoding.map((text) => {
        const choice = parseMethodChoice(text, "--encoding");
        createMethod(choice, "--encoding");
        return choice;
      }),
    calibrationSamples: () => {
      const count = flags.encoding.length > 0 ? CALIBRATION_SAMPLES : 0;
      if (flags.calibration === undefined) return count;
      return count > 0
        ? parseCount("--calibration", flags.calibration)
        : parseWhole("--calibration", flags.calibration);
    },
  });
}

async function evalAction(reference: string, flags: EvalFlags): Promise<number> {
  const { compressedVariant, evaluate, loadProgram, renderJson } = await import("../../index.js");
  const { data, limit, methods, calibrationSamples } = await readFlags(flags);
  const signal = interruptSignal();
  const dataSet = await openSet(data, flags.seed);
  const program = await loadProgram(reference);
  const variants: ModelVariant[] = [];
  for (const path of flags.against) variants.push({ name: basename(path), program: await loadProgram(path) });
  const progress = await startProgress(!flags.quiet && !flags.json);
  const running = { signal, onProgress: progress.update };
  const work = async (): Promise<Evaluation> => {
    for (const method of methods) {
      const draw = { seed: flags.seed, count: calibrationSamples };
      variants.push(await compressedVariant(program, method, { dataSet, draw }, running));
    }
    return evaluate(program, dataSet, {
      ...running,
      variants,
      calibrationSamples,
      seed: flags.seed,
      ...(limit !== undefined && { limit }),
      // Times differ from run to run; results that are kept hold none.
      ...(!flags.json && flags.out === undefined && { clock: () => performance.now() / 1000 }),
    });
  };
  const evaluation = await work().finally(progress.stop);
  const written = flags.out === undefined ? [] : await writeFiles(flags.out, await filesOf(evaluation));
  if (flags.json) await print(renderJson(evaluation));
  else if (flags.out === undefined || !flags.quiet) {
    const { renderEvaluation } = await import("../../index.js");
    await print(renderEvaluation(evaluation, await terminalPage()));
    if (written.length > 0) await print(`\n${written.map((path) => `wrote ${path}\n`).join("")}`);
  }
  return EXIT.fine;
}

async function filesOf(evaluation: Evaluation): Promise<Record<string, string>> {
  const { renderEvaluation, renderEvaluationCsv, renderJson, renderLayerNoiseCsv } = await import("../../index.js");
  return {
    "evaluation.txt": renderEvaluation(evaluation, { width: PAGE_WIDTH_OF_FILES }),
    "evaluation.csv": await renderEvaluationCsv(evaluation),
    "evaluation-layers.csv": await renderLayerNoiseCsv(evaluation),
    "evaluation.json": renderJson(evaluation),
  };
}

export function evalCommand(): Command {
  return command("eval", "accuracy of a model on data, and of variants beside it", EXAMPLES)
    .argument("<model>", "model file ending in .onnx or .tflite")
    .option("--data <set>", "fashion-mnist, idx:..., npy:..., text-lines:..., text-angles:..., or a folder")
    .option("--limit <n>", "most samples to take, drawn by the seed")
    .option(
      "--encoding <method>",
      "compress the model so beside it, such as int8, int4 or pow2 (repeatable)",
      collect,
      [],
    )
    .option("--calibration <n>", `samples kept apart to calibrate on (default: ${CALIBRATION_SAMPLES} with --encoding)`)
    .option("--against <model>", "another file of the same model, such as a quantized one (repeatable)", collect, [])
    .option("--out <folder>", "write evaluation.txt, .csv, .json and evaluation-layers.csv there")
    .action(ending(evalAction));
}
