/** `pj codesign`: one model under several compressions on several designs, accuracy beside time and energy. */
import type { Command } from "commander";
import type { Codesign, CodesignModel, Design } from "../../index.js";
import { type CommonOptions, collect, command, ending } from "../command.js";
import { EXIT, interruptSignal } from "../exit.js";
import { isModelFile, loadModel } from "../model-values.js";
import { PAGE_WIDTH_OF_FILES } from "../output.js";
import { startProgress } from "../progress.js";
import { requireApart, showStudy } from "../studies.js";
import { openSet, openStore } from "../value-flags.js";

interface CodesignFlags extends CommonOptions {
  readonly on?: string;
  readonly encoding: readonly string[];
  readonly eval?: string;
  readonly limit?: string;
  readonly fidelity: string;
  readonly functional?: boolean;
  readonly functionalMacs?: string;
  readonly objectives?: string;
  readonly cache: boolean;
  readonly out?: string;
}

const EXAMPLES = [
  "pj codesign model.onnx --on diannao,sparse-tensor-core --encoding int8 --encoding magnitude:n=2,m=4 --eval fashion-mnist",
  "pj codesign model.onnx --on diannao,shift-add --encoding int4 --encoding pow2 --eval fashion-mnist --functional --out study",
  "pj codesign model.onnx --on diannao,sigma --encoding int8 --eval fashion-mnist --objectives accuracy,energy,area",
];

const DEFAULT_FUNCTIONAL_MACS = 2 ** 20;

async function readFlags(reference: string, flags: CodesignFlags) {
  const { ConfigError, createMethod, DEFAULT_OBJECTIVES, OBJECTIVES, parseMethodChoice, quoteForMessage } =
    await import("../../index.js");
  const { checkAll, parseChoice, parseCount, parseList } = await import("../option-values.js");
  const missing = (where: string, got: string, want: string, fix: string): never => {
    throw new ConfigError({ where, got, want, fix });
  };
  return checkAll({
    model: () => {
      if (/\.onnx$/i.test(reference)) return reference;
      const got = isModelFile(reference) ? "a TFLite file" : `'${quoteForMessage(reference)}'`;
      return missing("codesign", got, "a float model that can be compressed", "name a file ending in .onnx");
    },
    designs: () =>
      flags.on === undefined
        ? missing("--on", "no design", "one or more designs", "--on diannao,sparse-tensor-core ('pj list designs')")
        : parseList("--on", flags.on),
    encodings: () => {
      if (flags.encoding.length === 0)
        return missing("--encoding", "no method", "one or more", "--encoding int8 --encoding pow2 ('pj list methods')");
      for (const text of flags.encoding) createMethod(parseMethodChoice(text, "--encoding"), "--encoding");
      const twice = flags.encoding.find((text, at) => flags.encoding.indexOf(text) !== at);
      if (twice !== undefined) missing("--encoding", `${quoteForMessage(twice)} twice`, "each once", "leave one out");
      return flags.encoding;
    },
    data: () =>
      flags.eval ?? missing("--eval", "no data set", "data to evaluate on", "--eval fashion-mnist (as of 'pj eval')"),
    limit: () => (flags.limit === undefined ? undefined : parseCount("--limit", flags.limit)),
    fidelity: () => parseChoice("--fidelity", flags.fidelity, ["cycle", "analytic"]),
    objectives: () =>
      flags.objectives === undefined
        ? DEFAULT_OBJECTIVES
        : parseList("--objectives", flags.objectives).map((name) => parseChoice("--objectives", name, OBJECTIVES)),
    macsPerLayer: () => {
      if (flags.functionalMacs === undefined) return DEFAULT_FUNCTIONAL_MACS;
      if (flags.functional === true) return parseCount("--functional-macs", flags.functionalMacs, 15);
      return missing("--functional-macs", "a size without --functional", "a run with values", "add --functional");
    },
  });
}

async function codesignAction(reference: string, flags: CodesignFlags): Promise<number> {
  const { codesign, loadDesign, loadProgram, renderCodesign } = await import("../../index.js");
  const given = await readFlags(reference, flags);
  const designs: Design[] = [];
  for (const name of given.designs) designs.push(await loadDesign(name));
  await requireApart(designs);
  const dataSet = await openSet(given.data, flags.seed);
  const source = await loadProgram(reference);
  const progress = await startProgress(!flags.quiet && !flags.json);
  const running = { seed: flags.seed, signal: interruptSignal(), onProgress: progress.update };
  const work = async (): Promise<Codesign> => {
    const models: CodesignModel[] = [];
    for (const encoding of given.encodings) {
      const { network, program, inputs, compressed } = await loadModel({ reference, encoding, dataSet }, {}, running);
      models.push({
        encoding,
        network,
        program: program!,
        compressed: compressed!,
        ...(inputs && { inputs }),
      });
    }
    const { fidelity, objectives, limit, macsPerLayer } = given;
    return codesign(source, models, designs, {
      ...running,
      fidelity,
      objectives,
      dataSet,
      values: { store: await openStore(flags.cache) },
      ...(limit !== undefined && { limit }),
      ...(flags.functional && { functional: { macsPerLayer } }),
    });
  };
  const study = await work().finally(progress.stop);
  await showStudy(
    study,
    flags,
    () => filesOf(study),
    async ({ width, paint }) => renderCodesign(study, width, paint),
  );
  return EXIT.fine;
}

async function filesOf(study: Codesign): Promise<Record<string, string>> {
  const { plotCodesign, renderCodesign, renderCodesignCsv, renderCodesignHtml, renderJson } = await import(
    "../../index.js"
  );
  const plots = Object.entries(await plotCodesign(study)).map(([name, svg]) => [`codesign-${name}.svg`, svg] as const);
  return {
    "codesign.txt": renderCodesign(study, PAGE_WIDTH_OF_FILES),
    "codesign.csv": await renderCodesignCsv(study),
    "codesign.json": renderJson(study),
    "codesign.html": await renderCodesignHtml(study),
    ...Object.fromEntries(plots),
  };
}

export function codesignCommand(): Command {
  return command(
    "codesign",
    "one model under several compressions on several designs: accuracy, time, energy and bytes of every pair, and which no other beats",
    EXAMPLES,
  )
    .argument("<model>", "float .onnx file")
    .option("--on <designs>", "presets, or .yaml/.json files, separated by commas")
    .option(
      "--encoding <method>",
      "how weights are compressed, such as int4 (repeatable; 'pj list methods')",
      collect,
      [],
    )
    .option("--eval <data>", "set to evaluate and calibrate on (as of 'pj eval')")
    .option("--limit <n>", "most samples to evaluate, drawn by the seed")
    .option("--fidelity <cycle|analytic>", "co-simulation, or closed forms", "cycle")
    .option("--functional", "run layers with values through each array as well, held to the kernels bit for bit")
    .option("--functional-macs <n>", "MACs of a layer up to which all its tiles are run (default: 1048576)")
    .option("--objectives <names>", "what the front is of (default: accuracy,latency,energy; also weights, dram, area)")
    .option("--no-cache", "decompose weights anew, and keep nothing of it")
    .option("--out <folder>", "write the study there (codesign.txt, .csv, .json, .html and plots as .svg)")
    .action(ending(codesignAction));
}
