/** The branch of `pj compare` that runs networks on designs: `networks@designs`, each a list. */
import type { DataSet, StudiedDesign, StudiedNetwork, Study, StudyOptions } from "../../index.js";
import type { CommonOptions } from "../command.js";
import { EXIT, interruptSignal } from "../exit.js";
import { isModelFile, loadModel } from "../model-values.js";
import { PAGE_WIDTH_OF_FILES } from "../output.js";
import { startProgress } from "../progress.js";
import { showStudy, studiedDesign } from "../studies.js";
import { openSet, openStore, type ValueFlags, valueChecks } from "../value-flags.js";

export interface StudyFlags extends CommonOptions, ValueFlags {
  readonly fidelity?: string;
  readonly encoding?: string;
  readonly equal: string;
  readonly out?: string;
}

/** True for `a,b@c` or `a@b,c`: several networks or designs in one reference. */
export function isStudy(reference: string): boolean {
  return reference.includes("@") && reference.includes(",");
}

/** Runs the networks of all references on their designs, which must be the same for all. */
export async function compareDesignsAction(references: readonly string[], flags: StudyFlags): Promise<number> {
  const { compareDesigns, renderStudy } = await import("../../index.js");
  const { checkAll, parseChoice } = await import("../option-values.js");
  const { networks: networkNames, designs: designNames } = await splitReferences(references);
  const { fidelity, equal, activations, distribution, workers } = checkAll({
    fidelity: () => parseChoice("--fidelity", flags.fidelity ?? "cycle", ["cycle", "analytic"]),
    equal: () => parseChoice("--equal", flags.equal, ["lanes", "area"]),
    ...(await valueChecks(flags, networkNames.some(isModelFile))),
  });
  const dataSet = await openSet(activations, flags.seed);
  const progress = await startProgress(!flags.quiet && !flags.json);
  const signal = interruptSignal();
  const running = { seed: flags.seed, signal, onProgress: progress.update };
  const work = async (): Promise<Study> => {
    const designs = await studiedDesigns(designNames, equal);
    const networks: StudiedNetwork[] = [];
    for (const name of networkNames) networks.push(await studiedNetwork(name, flags.encoding, dataSet, running));
    const options: StudyOptions = {
      ...running,
      fidelity,
      values: { store: await openStore(flags.cache), workers, ...(distribution !== undefined && { distribution }) },
      ...(flags.encoding !== undefined && { encoding: flags.encoding }),
    };
    return compareDesigns(networks, designs, options);
  };
  const study = await work().finally(progress.stop);
  await showStudy(
    study,
    flags,
    () => filesOf(study),
    async ({ width, paint }) => renderStudy(study, width, paint),
  );
  return EXIT.fine;
}

/** Networks and designs of the references. @throws ConfigError when they are not all for the same designs */
async function splitReferences(references: readonly string[]) {
  const { ConfigError, quoteForMessage } = await import("../../index.js");
  const parts = references.map((reference) => {
    const at = reference.lastIndexOf("@");
    const list = (text: string): string[] => text.split(",").map((name) => name.trim());
    return { networks: list(reference.slice(0, Math.max(0, at))), designs: list(reference.slice(at + 1)) };
  });
  const designs = parts[0]!.designs;
  const networks = parts.flatMap((part) => part.networks);
  const refuse = (got: string, want: string, fix: string): never => {
    throw new ConfigError({ where: "compare", got: quoteForMessage(got), want, fix });
  };
  for (const [index, part] of parts.entries()) {
    if (part.networks.includes("") || part.designs.includes("")) {
      refuse(
        references[index]!,
        "network,network@design,design",
        "for example resnet18,resnet50@diannao,smartexchange",
      );
    }
    if (part.designs.join() !== designs.join()) {
      refuse(
        references[index]!,
        `the designs of ${references[0]}`,
        "name the same designs, in the same order, for all networks",
      );
    }
  }
  for (const names of [networks, designs]) {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) refuse(`${twice} twice`, "each network and design once", "leave one of the two out");
  }
  if (designs.length < 2) refuse(references[0]!, "two designs or more", "for example resnet18@diannao,smartexchange");
  return { networks, designs };
}

/** Designs by name; with equal areas each is scaled to the first. */
async function studiedDesigns(names: readonly string[], equal: "lanes" | "area"): Promise<StudiedDesign[]> {
  const { areaOf, scaledToArea } = await import("../../index.js");
  const designs: StudiedDesign[] = [];
  let areaUm2: number | undefined;
  for (const name of names) {
    const studied = await studiedDesign(name);
    areaUm2 ??= areaOf(studied.design);
    const isScaled = equal === "area" && designs.length > 0;
    designs.push(isScaled ? { ...studied, design: scaledToArea(studied.design, areaUm2) } : studied);
  }
  return designs;
}

async function studiedNetwork(
  reference: string,
  encoding: string | undefined,
  dataSet: DataSet | undefined,
  running: { readonly seed: string; readonly signal: AbortSignal },
): Promise<StudiedNetwork> {
  const isFile = isModelFile(reference);
  const model = await loadModel({ reference, encoding, dataSet: isFile ? dataSet : undefined }, {}, running);
  return { ...model, isEncoded: model.compressed !== undefined };
}

async function filesOf(study: Study): Promise<Record<string, string>> {
  const { plotStudy, renderJson, renderStudy, renderStudyCsv, renderStudyHtml } = await import("../../index.js");
  const plots = Object.entries(await plotStudy(study)).map(([name, svg]) => [`study-${name}.svg`, svg] as const);
  return {
    "study.txt": renderStudy(study, PAGE_WIDTH_OF_FILES),
    "study.csv": await renderStudyCsv(study),
    "study.json": renderJson(study),
    "study.html": await renderStudyHtml(study),
    ...Object.fromEntries(plots),
  };
}
