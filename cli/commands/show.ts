/** `pj show`: one item in full. */
import type { Command } from "commander";
import { type CommonOptions, collect, command, ending } from "../command.js";
import { EXIT } from "../exit.js";
import { print, terminalWidth } from "../output.js";

interface ShowFlags extends CommonOptions {
  readonly set: readonly string[];
  readonly shape: readonly string[];
  readonly option: readonly string[];
  readonly allowUnknown?: boolean;
}

const EXAMPLES = [
  "pj show network resnet50",
  "pj show network model.onnx --shape x=1,3,224,224",
  "pj show design tpu-like --set peArray.rows=128",
  "pj show encoding nm",
  "pj show schema design > design.schema.json",
];

async function showNetwork(name: string, flags: ShowFlags): Promise<string> {
  const { NETWORKS, loadNetwork, networkMacs, networkParameters, renderJson, renderNetworkTable } = await import(
    "../../index.js"
  );
  const { parsePairs, parseShapes } = await import("../option-values.js");
  const network = await loadNetwork(name, {
    shapes: parseShapes(flags.shape),
    networkOptions: parsePairs("--option", flags.option),
    allowUnknown: flags.allowUnknown ?? false,
  });
  const published = NETWORKS[name.toLowerCase()]?.published ?? {};
  if (!flags.json) return renderNetworkTable(network, published, terminalWidth());
  const { layers, notes, source } = network;
  const macs = networkMacs(network);
  return renderJson({
    name: network.name,
    source,
    macs,
    parameters: networkParameters(network),
    published,
    notes,
    layers,
  });
}

async function showDesign(name: string, flags: ShowFlags): Promise<string> {
  const { describeDesign, loadDesign, renderDesignTable, renderJson } = await import("../../index.js");
  const design = await loadDesign(name, { set: flags.set });
  const fields = describeDesign(design);
  return flags.json
    ? renderJson({ name: design.name, source: design.source, design, fields })
    : renderDesignTable(fields, terminalWidth());
}

async function showEncoding(name: string, flags: ShowFlags): Promise<string> {
  const { ENCODINGS, parseEncodingChoice, renderJson, renderList } = await import("../../index.js");
  const entry = ENCODINGS[parseEncodingChoice(name, "show encoding").name as keyof typeof ENCODINGS];
  const { description, source } = entry;
  return flags.json ? renderJson({ name: entry.name, description, source }) : renderList([entry], terminalWidth());
}

async function showAction(kind: string, name: string, flags: ShowFlags): Promise<number> {
  const { designJsonSchema, renderJson } = await import("../../index.js");
  const { parseChoice } = await import("../option-values.js");
  switch (parseChoice("show", kind.replace(/s$/, ""), ["network", "design", "encoding", "schema"])) {
    case "network":
      await print(await showNetwork(name, flags));
      break;
    case "design":
      await print(await showDesign(name, flags));
      break;
    case "encoding":
      await print(await showEncoding(name, flags));
      break;
    case "schema":
      parseChoice("show schema", name, ["design"]);
      await print(renderJson(designJsonSchema()));
  }
  return EXIT.fine;
}

export function showCommand(): Command {
  return command("show", "one network, design or encoding in full, or the JSON Schema of designs", EXAMPLES)
    .argument("<kind>", "network, design, encoding or schema")
    .argument("<name>", "its name, or a file")
    .option("--set <path=value>", "change a parameter of the design (repeatable)", collect, [])
    .option("--shape <name=dims>", "shape of a graph input of an ONNX file (repeatable)", collect, [])
    .option("--option <key=value>", "option of a built-in network (repeatable)", collect, [])
    .option("--allow-unknown", "take unknown operators of an ONNX file as data movement")
    .action(ending(showAction));
}
