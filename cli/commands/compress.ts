/** `pj compress`: a float ONNX model to one on integers, with what that costs and loses. */
import type { Command } from "commander";
import type { CalibrationSet, CompressionReport, CompressOptions } from "../../index.js";
import { type CommonOptions, collect, command, ending } from "../command.js";
import { EXIT, interruptSignal } from "../exit.js";
import { loadModel } from "../model-values.js";
import { print, writeFiles } from "../output.js";
import { startProgress } from "../progress.js";
import { terminalPage } from "../terminal.js";
import { openSet } from "../value-flags.js";

interface CompressFlags extends CommonOptions {
  readonly method?: string;
  readonly calibration?: string;
  readonly samples?: string;
  readonly shape: readonly string[];
  readonly out?: string;
  readonly accuracyPerLayer?: true;
  readonly costOn?: string;
  readonly cost?: string;
}

const EXAMPLES = [
  "pj compress model.onnx --method int8 --calibration fashion-mnist --out int8",
  "pj compress model.onnx --method magnitude:n=2,m=4 --shape x=1,3,224,224 --out sparse",
  "pj compress model.onnx --method smartdeal:rate=8,fit=outputs --calibration fashion-mnist --out smartdeal",
  "pj compress model.onnx --method smartdeal:rate=5 --calibration fashion-mnist --cost-on smartexchange --out smartdeal",
  "pj compress model.onnx --method obc:target=0.8,sparsest=0.95 --calibration fashion-mnist --cost-on cambricon-x --out mix",
  "pj compress model.onnx --method int4:form=qdq,calibration=mse --out int4",
];

const DEFAULT_SAMPLES = 32;

/** Values of the flags, every complaint about them at once. */
async function readFlags(model: string, flags: CompressFlags) {
  const { ConfigError, METHODS, createMethod, parseMethodChoice, quoteForMessage } = await import("../../index.js");
  const { checkAll, parseChoice, parseCount, parseShapes } = await import("../option-values.js");
  const refuse = (where: string, got: string, want: string, fix: string): never => {
    throw new ConfigError({ where, got, want, fix });
  };
  return checkAll({
    model: () => {
      if (/\.onnx$/i.test(model)) return model;
      return refuse("model", `'${quoteForMessage(model)}'`, "a file ending in .onnx", "name an ONNX model");
    },
    method: () => {
      const names = `one of ${Object.keys(METHODS).join(", ")}`;
      const choice = parseMethodChoice(flags.method ?? refuse("--method", "no method", names, "for example int8"));
      createMethod(choice);
      return choice;
    },
    out: () => flags.out ?? refuse("--out", "no folder", "a folder for the model", "for example --out int8"),
    shapes: () => {
      if (flags.shape.length === 0 || flags.calibration === undefined) return parseShapes(flags.shape);
      return refuse("--shape", "a shape beside --calibration", "one of them", "samples have their own shape");
    },
    cost: () => {
      if (flags.cost === undefined || flags.costOn !== undefined) {
        return parseChoice("--cost", flags.cost ?? "energy", ["energy", "cycles"]);
      }
      return refuse("--cost", `${quoteForMessage(flags.cost)} without --cost-on`, "a design", "add --cost-on <design>");
    },
    samples: () => {
      if (flags.samples === undefined) return DEFAULT_SAMPLES;
      if (flags.calibration !== undefined) return parseCount("--samples", flags.samples);
      return refuse("--samples", "a count without --calibration", "a set to take them from", "add --calibration <set>");
    },
  });
}

/** Samples of a named set as inputs of the model. */
async function openCalibration(model: string, set: string, count: number, seed: string): Promise<CalibrationSet> {
  const { loadProgram, sampleInputs } = await import("../../index.js");
  const dataSet = await openSet(set, seed);
  const program = await loadProgram(model);
  return {
    source: `${dataSet.name}: ${dataSet.source}`,
    isSynthetic: dataSet.isGenerated,
    samples: sampleInputs(program, dataSet, { seed, count: Math.min(count, dataSet.size) }),
  };
}

/** What layers cost on a design, with the activations of a sample. */
async function costOnDesign(
  model: string,
  { calibration, costOn = "", seed }: CompressFlags,
  shapes: Readonly<Record<string, readonly number[]>>,
  quantity: "energy" | "cycles",
): Promise<CompressOptions["layerCost"]> {
  const { loadDesign, simulatedCost } = await import("../../index.js");
  const design = await loadDesign(costOn);
  const dataSet = await openSet(calibration, seed);
  const { network, program, inputs } = await loadModel({ reference: model, dataSet }, { shapes }, { seed });
  return program && simulatedCost(network, program, design, quantity, inputs);
}

async function compressAction(given: string, flags: CompressFlags): Promise<number> {
  const { compress, describeCompression, readModelBytes, renderCompressionLayers, renderJson } = await import(
    "../../index.js"
  );
  const { model, method, out, shapes, samples, cost } = await readFlags(given, flags);
  const signal = interruptSignal();
  const { seed } = flags;
  const calibration =
    flags.calibration === undefined ? undefined : await openCalibration(model, flags.calibration, samples, seed);
  const bytes = await readModelBytes(model);
  const layerCost = flags.costOn === undefined ? undefined : await costOnDesign(model, flags, shapes, cost);
  const progress = await startProgress(!flags.quiet && !flags.json);
  const compression = await compress(bytes, method, {
    name: model,
    shapes,
    seed,
    signal,
    onProgress: progress.update,
    measuresLayers: flags.accuracyPerLayer === true,
    ...(calibration !== undefined && { calibration }),
    ...(layerCost !== undefined && { layerCost }),
  }).finally(progress.stop);
  const report = describeCompression(compression, model);
  const written = await writeFiles(out, {
    "model.onnx": compression.model,
    "compression.json": renderJson(report),
  });
  if (flags.json) await print(renderJson(report));
  else if (!flags.quiet) {
    const hasTable = flags.accuracyPerLayer === true || report.layers.some(({ smartdeal }) => smartdeal !== undefined);
    const table = hasTable ? `${renderCompressionLayers(report, await terminalPage())}\n\n` : "";
    await print(table + summaryOf(report, written));
  }
  return EXIT.fine;
}

function summaryOf(report: CompressionReport, written: readonly string[]): string {
  const { totals, calibration, outputs } = report;
  const bits = totals.valueBits + totals.metadataBits;
  const made = calibration.isSynthetic ? " (made up: not data of the model's kind)" : "";
  return [
    `${report.method}: ${totals.layers} layers, ${totals.weights} weights in ${bits} bits, ${(totals.floatBits / bits).toFixed(2)} times smaller than float32`,
    `  values ${totals.valueBits} bits, scales and other metadata ${totals.metadataBits} bits, zeros ${totals.sparsityFraction.toFixed(3)} of all weights`,
    `  ranges of activations from ${calibration.samples} samples: ${calibration.source}${made}`,
    ...outputs.map(({ name, signalToNoiseDecibels }) => {
      const ratio = signalToNoiseDecibels === undefined ? "exact" : `${signalToNoiseDecibels.toFixed(1)} dB`;
      return `  output ${name}: signal to noise ${ratio} against the float model, ${report.measuredSamples} samples`;
    }),
    ...written.map((path) => `wrote ${path}`),
    "",
  ].join("\n");
}

export function compressCommand(): Command {
  return command("compress", "quantize or prune a float model; writes the ONNX model and its statistics", EXAMPLES)
    .argument("<model>", "float32 model file ending in .onnx")
    .option("--method <name:key=value>", "how weights are compressed ('pj list methods')")
    .option("--calibration <set>", "data set for the ranges of activations, as of 'pj eval'; without it seeded noise")
    .option("--samples <n>", `most samples to calibrate with, drawn by the seed (${DEFAULT_SAMPLES} unless given)`)
    .option(
      "--shape <name=dims>",
      "shape of an input for noise, where the file leaves axes open (repeatable)",
      collect,
      [],
    )
    .option(
      "--accuracy-per-layer",
      "signal to noise of the outputs with the weights of each layer alone compressed (a run of the model a layer)",
    )
    .option(
      "--cost-on <design>",
      "a rate (4 is what int8 costs) or a target is of what layers cost on a design, not of stored bits",
    )
    .option("--cost <energy|cycles>", "what is counted on the design (default: energy)")
    .option("--out <folder>", "write model.onnx and compression.json there")
    .action(ending(compressAction));
}
