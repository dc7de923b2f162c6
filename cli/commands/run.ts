/** `pj run`: inference of an ONNX or TFLite model on arrays from files, bit for bit the same everywhere. */
import type { Command } from "commander";
import type { NodeSums, Program, TensorData } from "../../index.js";
import { type CommonOptions, collect, command, ending } from "../command.js";
import { EXIT, interruptSignal } from "../exit.js";
import { isModelFile } from "../model-values.js";
import { print } from "../output.js";
import { startProgress } from "../progress.js";

interface RunFlags extends CommonOptions {
  readonly input: readonly string[];
  readonly output?: string;
  readonly kernels: string;
  readonly workers: string;
  readonly dump?: string;
  readonly on?: string;
  readonly set: readonly string[];
}

const EXAMPLES = [
  "pj run model.onnx --input x=image.npy --output results",
  "pj run bert.onnx --input ids=ids.npy --input mask=mask.npy --output results",
  "pj run model.onnx --input x=image.npy --output results --dump layers --json",
  "pj run kws.tflite --input input_1=sound.npy --output results --on tpu-like",
];

/** Values of the flags, every complaint about them at once. */
async function readFlags(model: string, flags: RunFlags) {
  const { ConfigError, quoteForMessage } = await import("../../index.js");
  const { checkAll, parseCount } = await import("../option-values.js");
  const refuse = (where: string, got: string, want: string, fix: string): never => {
    throw new ConfigError({ where, got, want, fix });
  };
  return checkAll({
    model: () => {
      if (isModelFile(model)) return model;
      const fix = "name an ONNX or TFLite model";
      return refuse("model", `'${quoteForMessage(model)}'`, "a file ending in .onnx or .tflite", fix);
    },
    output: () => {
      const fix = "for example --output results";
      return flags.output ?? refuse("--output", "no folder", "a folder for the outputs", fix);
    },
    kernels: () => {
      const { kernels } = flags;
      if (kernels === "simd" || kernels === "reference") return kernels;
      return refuse("--kernels", `'${quoteForMessage(kernels)}'`, "simd or reference", "leave --kernels out for simd");
    },
    workers: () => parseCount("--workers", flags.workers),
    set: () => {
      if (flags.on !== undefined || flags.set.length === 0) return;
      refuse("--set", flags.set[0]!, "--on with it", "name the design whose arithmetic is changed");
    },
    inputs: () => {
      for (const text of flags.input) {
        if (/^.+=.+$/s.test(text)) continue;
        refuse("--input", `'${quoteForMessage(text)}'`, "name=file.npy", "for example --input x=image.npy");
      }
    },
  });
}

/** The arrays of `name=file`; where a name holds `=` itself, the model's own names decide. */
async function readInputs(texts: readonly string[], program: Program): Promise<Record<string, TensorData>> {
  const { ConfigError, quoteForMessage, readNpyFile } = await import("../../index.js");
  const known = program.inputs.map(({ name }) => name);
  const paths = new Map<string, string>();
  for (const text of texts) {
    const name = known.find((one) => text.startsWith(`${one}=`)) ?? text.slice(0, text.indexOf("=", 1));
    if (paths.has(name)) {
      throw new ConfigError({
        where: "--input",
        got: `input ${quoteForMessage(name)} twice`,
        want: "each input once",
        fix: "leave one of the two out",
      });
    }
    paths.set(name, text.slice(name.length + 1));
  }
  return Object.fromEntries([...paths].map(([name, path]) => [name, readNpyFile(path)]));
}

/** An array as the JSON document describes it. */
function describe(name: string, { precision, shape }: TensorData) {
  return { name, precision, shape };
}

async function runAction(given: string, flags: RunFlags): Promise<number> {
  const {
    arithmeticOf,
    discardUnfinishedArrays,
    loadDesign,
    loadProgram,
    NpyFileSet,
    renderJson,
    runNetwork,
    VERSION,
  } = await import("../../index.js");
  const { model, output, kernels, workers } = await readFlags(given, flags);
  const signal = interruptSignal();
  // A second Ctrl-C ends the program at once; what was written so far goes with it.
  process.once("exit", discardUnfinishedArrays);
  const arithmetic = flags.on === undefined ? undefined : arithmeticOf(await loadDesign(flags.on, { set: flags.set }));
  const program = await loadProgram(model);
  const inputs = await readInputs(flags.input, program);
  const progress = await startProgress(!flags.quiet && !flags.json);
  const dumped: object[] = [];
  const sets: InstanceType<typeof NpyFileSet>[] = [];
  try {
    const dump = flags.dump === undefined ? undefined : new NpyFileSet(flags.dump);
    if (dump !== undefined) sets.push(dump);
    const { outputs, nodes, peakHeldBytes, sums } = await runNetwork(program, inputs, {
      signal,
      ...(arithmetic !== undefined && { arithmetic }),
      kernels,
      workers,
      onProgress: progress.update,
      onNode: (node, values) => {
        for (const [name, tensor] of dump === undefined ? [] : values) {
          const file = dump!.add(`${String(dumped.length).padStart(4, "0")}.${name}`, tensor);
          dumped.push({ node: node.name, operator: node.operator, ...describe(name, tensor), file });
        }
      },
    });
    const results = new NpyFileSet(output);
    sets.push(results);
    const written = [...outputs].map(([name, tensor]) => ({
      ...describe(name, tensor),
      file: results.add(name, tensor),
    }));
    for (const set of sets) set.finish();
    progress.stop();
    if (flags.json) {
      await print(
        renderJson({
          schema: "picojoule/run@1",
          tool: { version: VERSION },
          seed: flags.seed,
          model,
          kernels,
          nodes,
          peakHeldBytes,
          ...(arithmetic !== undefined && { arithmetic, sums }),
          inputs: Object.entries(inputs).map(([name, tensor]) => describe(name, tensor)),
          outputs: written,
          ...(flags.dump !== undefined && { dumped }),
          notes: program.notes,
        }),
      );
      return EXIT.fine;
    }
    if (!flags.quiet) await printSummary(output, written, flags.dump, dumped.length, sums);
    return EXIT.fine;
  } finally {
    progress.stop();
    for (const set of sets) set.discard();
  }
}

async function printSummary(
  folder: string,
  written: readonly { readonly precision: string; readonly shape: readonly number[]; readonly file: string }[],
  dumpFolder: string | undefined,
  dumpCount: number,
  sums: readonly NodeSums[],
): Promise<void> {
  const lines = written.map(
    ({ precision, shape, file }) => `wrote ${folder}/${file}: ${precision} [${shape.join(", ")}]\n`,
  );
  if (dumpFolder !== undefined) lines.push(`wrote ${dumpCount} values of all nodes to ${dumpFolder}\n`);
  for (const { node, overflowEvents } of sums) {
    if (overflowEvents > 0) lines.push(`${node}: ${overflowEvents} sums did not fit their register\n`);
  }
  await print(lines.join(""));
}

export function runCommand(): Command {
  return command("run", "run an ONNX or TFLite model on arrays from files, bit for bit the same everywhere", EXAMPLES)
    .argument("<model>", "model file ending in .onnx or .tflite")
    .option("--input <name=file>", "values of an input as a .npy file (repeatable)", collect, [])
    .option("--output <folder>", "folder for the outputs, <output name>.npy each")
    .option("--kernels <kind>", "kernels to run with: simd or reference, with equal bits", "simd")
    .option("--workers <count>", "threads for large layers, with equal bits whatever their number", "1")
    .option("--dump <folder>", "write the outputs of every node there as well")
    .option("--on <design>", "run in the integer arithmetic of a preset, or of a .yaml/.json file")
    .option("--set <path=value>", "change a parameter of that design (repeatable)", collect, [])
    .action(ending(runAction));
}
