/** `pj crossover`: at which density of weights each design beats dense weights, per type of layer. */
import type { Command } from "commander";
import type { CrossoverStudy, StudiedDesign } from "../../index.js";
import { type CommonOptions, collect, command, ending } from "../command.js";
import { EXIT, interruptSignal } from "../exit.js";
import { PAGE_WIDTH_OF_FILES } from "../output.js";
import { startProgress } from "../progress.js";
import { requireApart, showStudy, studiedDesign } from "../studies.js";
import type { terminalPage } from "../terminal.js";

interface CrossoverFlags extends CommonOptions {
  readonly on?: string;
  readonly against?: string;
  readonly densities?: string;
  readonly resolution?: string;
  readonly margin: string;
  readonly layers?: string;
  readonly fidelity: string;
  readonly metric: string;
  readonly pattern: string;
  readonly encodingOf: readonly string[];
  readonly values?: string;
  readonly out?: string;
  readonly formats?: string;
}

const EXAMPLES = [
  "pj crossover lenet5 --on cambricon-x,scnn",
  "pj crossover resnet50 --on cambricon-x,scnn --against diannao --densities 0.1,0.3,0.5,0.7,1 --out study",
  "pj crossover resnet18 --on diannao --encoding-of diannao=bitmap --metric energy",
  "pj crossover mobilenetv2 --on cambricon-x --pattern nm --values gaussian --json",
];

const FORMATS = ["table", "csv", "json", "html"] as const;
type Format = (typeof FORMATS)[number];
const EXTENSIONS: Readonly<Record<Format, string>> = { table: "txt", csv: "csv", json: "json", html: "html" };
/** What dense weights are run on where no design that stores zeros is named. */
const DEFAULT_RIVAL = "diannao";

/** Values of the flags, every complaint about them at once. */
async function readFlags(flags: CrossoverFlags) {
  const {
    ConfigError,
    DISTRIBUTION_NAMES,
    CROSSOVER_METRICS,
    SPARSITY_PATTERNS,
    requireDensities,
    requireMargin,
    requireResolution,
  } = await import("../../index.js");
  const { checkAll, parseChoice, parseList, parseNumber } = await import("../option-values.js");
  const optional = <Value>(text: string | undefined, parse: (text: string) => Value): Value | undefined =>
    text === undefined ? undefined : parse(text);
  return checkAll({
    on: () => {
      if (flags.on !== undefined) return parseList("--on", flags.on);
      throw new ConfigError({
        where: "--on",
        got: "no design",
        want: "one or more designs",
        fix: "--on cambricon-x,scnn, or others of 'pj list designs', or YAML files",
      });
    },
    densities: () =>
      optional(flags.densities, (text) => {
        const densities = text.split(",").map((part) => parseNumber("--densities", part.trim()));
        requireDensities(densities, "--densities");
        return densities;
      }),
    resolution: () =>
      optional(flags.resolution, (text) => {
        const resolution = parseNumber("--resolution", text);
        requireResolution(resolution, "--resolution");
        return resolution;
      }),
    marginFraction: () => {
      const margin = parseNumber("--margin", flags.margin);
      requireMargin(margin, "--margin");
      return margin;
    },
    layers: () => optional(flags.layers, (text) => parseList("--layers", text)),
    fidelity: () => parseChoice("--fidelity", flags.fidelity, ["analytic", "cycle"]),
    metrics: () => {
      const metric = parseChoice("--metric", flags.metric, [...CROSSOVER_METRICS, "both"]);
      return metric === "both" ? CROSSOVER_METRICS : [metric];
    },
    pattern: () => parseChoice("--pattern", flags.pattern, SPARSITY_PATTERNS),
    distribution: () => optional(flags.values, (text) => parseChoice("--values", text, DISTRIBUTION_NAMES)),
    formats: () => {
      const texts = parseList("--formats", flags.formats ?? (flags.out === undefined ? "table" : FORMATS.join()));
      return texts.map((text) => parseChoice("--formats", text, FORMATS));
    },
    idle: () => {
      if (flags.formats === undefined || flags.json !== true || flags.out !== undefined) return;
      throw new ConfigError({
        where: "--formats",
        got: "formats beside --json",
        want: "--json alone, whose one document is the study, or --out for files as well",
        fix: "leave one of the two out, or add --out",
      });
    },
  });
}

async function crossoverAction(reference: string, flags: CrossoverFlags): Promise<number> {
  const { loadNetwork, studyCrossover } = await import("../../index.js");
  const { on, formats, ...given } = await readFlags(flags);
  const signal = interruptSignal();
  const designs: StudiedDesign[] = [];
  for (const name of on) designs.push(await studiedDesign(name));
  await requireApart(designs);
  const encodings = await encodingsOf(flags.encodingOf, designs);
  const rival = await rivalOf(flags.against, designs);
  const network = await loadNetwork(reference);
  const progress = await startProgress(!flags.quiet && !flags.json);
  const { densities, resolution, layers, distribution, idle: _checked, ...chosen } = given;
  const study = await studyCrossover(network, designs, {
    rival,
    encodings,
    ...chosen,
    seed: flags.seed,
    signal,
    onProgress: progress.update,
    ...(densities !== undefined && { densities }),
    ...(resolution !== undefined && { resolution }),
    ...(layers !== undefined && { layers }),
    ...(distribution !== undefined && { distribution }),
  }).finally(progress.stop);
  const shown = flags.out === undefined ? formats : (["table"] as const);
  await showStudy(
    study,
    flags,
    () => filesOf(study, formats),
    async ({ width, paint }) => {
      const texts: string[] = [];
      for (const format of shown) texts.push(await render(study, format, width, paint));
      return texts.join("");
    },
  );
  return EXIT.fine;
}

/** The design that dense weights are run on: the one named, the first that stores zeros, or a preset that does. */
async function rivalOf(against: string | undefined, designs: readonly StudiedDesign[]): Promise<StudiedDesign> {
  const { ConfigError, quoteForMessage, storesZeros } = await import("../../index.js");
  if (against === undefined) return designs.find(({ design }) => storesZeros(design)) ?? studiedDesign(DEFAULT_RIVAL);
  const rival = await studiedDesign(against);
  const namesake = designs.find(({ name }) => name === rival.name);
  if (namesake === undefined || JSON.stringify(namesake.design) === JSON.stringify(rival.design)) return rival;
  throw new ConfigError({
    where: "--against",
    got: `a design named '${quoteForMessage(rival.name)}' like another one of --on`,
    want: "another name, or the same design",
    fix: "give one of the files another name",
  });
}

/** `design=encoding`, each design once. */
async function encodingsOf(
  texts: readonly string[],
  designs: readonly StudiedDesign[],
): Promise<Record<string, string>> {
  const { ConfigError, quoteForMessage } = await import("../../index.js");
  const encodings: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf("=");
    const name = text.slice(0, Math.max(0, at)).trim();
    const encoding = text.slice(at + 1).trim();
    const isKnown = designs.some((design) => design.name === name);
    if (isKnown && encoding !== "" && !Object.hasOwn(encodings, name)) {
      encodings[name] = encoding;
      continue;
    }
    throw new ConfigError({
      where: "--encoding-of",
      got: `'${quoteForMessage(text)}'`,
      want: "design=encoding, for a design of --on, each once",
      fix: `for example --encoding-of ${quoteForMessage(designs[0]!.name)}=bitmap`,
    });
  }
  return encodings;
}

async function render(
  study: CrossoverStudy,
  format: Format,
  width: number,
  paint?: Awaited<ReturnType<typeof terminalPage>>["paint"],
): Promise<string> {
  const { renderCrossover, renderCrossoverCsv, renderCrossoverHtml, renderJson } = await import("../../index.js");
  switch (format) {
    case "table":
      return renderCrossover(study, width, paint);
    case "csv":
      return renderCrossoverCsv(study);
    case "json":
      return renderJson(study);
    case "html":
      return renderCrossoverHtml(study);
  }
}

async function filesOf(study: CrossoverStudy, formats: readonly Format[]): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const format of formats) {
    files[`crossover.${EXTENSIONS[format]}`] = await render(study, format, PAGE_WIDTH_OF_FILES);
  }
  return files;
}

export function crossoverCommand(): Command {
  const crossover = command(
    "crossover",
    "at which density of weights each design beats dense weights, on itself and on a rival, per type of layer; what metadata costs; load imbalance",
    EXAMPLES,
  )
    .argument(
      "<network>",
      "built-in name, .onnx or .tflite file, or SCALE-Sim topology .csv: its shapes, with drawn values",
    )
    .option("--on <designs>", "presets, or .yaml/.json files, separated by commas")
    .option("--against <design>", "rival with dense weights (default: the first design that stores zeros, or diannao)")
    .option("--densities <list>", "parts of the weights that are kept (default: 0.05,0.1,0.2,...,1)")
    .option("--resolution <step>", "step to which crossings are narrowed down (default: 0.01)")
    .option("--margin <part>", "part by which a win must be below the dense cost; less is taken for the same", "0")
    .option("--layers <names>", "only these layers, separated by commas")
    .option("--fidelity <analytic|cycle>", "closed forms, or co-simulation", "analytic")
    .option("--metric <cycles|energy|both>", "what to compare", "both")
    .option(
      "--pattern <unstructured|nm>",
      "weights of any place, or n of each m (designs that take n of each m alone always have it)",
      "unstructured",
    )
    .option(
      "--encoding-of <design=encoding>",
      "store a design's weights so, decoded first where it does not take them so: bitmap, csr, nm:m=8, ... (repeatable)",
      collect,
      [],
    )
    .option("--values <name>", "draw values from gaussian, laplacian or pp-ocr alone (default: all, as a range)")
    .option("--out <folder>", "write the study there (crossover.txt, .csv, .json, .html)")
    .option("--formats <names>", "table, csv, json, html (default: table; all with --out)");
  return crossover.action(ending(crossoverAction));
}
