/** `pj show`: one item in full. */
import type { Command } from "commander";
import { type CommonOptions, collect, command, ending } from "../command.js";
import { EXIT } from "../exit.js";
import { print } from "../output.js";
import { terminalPage } from "../terminal.js";

interface ShowFlags extends CommonOptions {
  readonly set: readonly string[];
  readonly batch?: string;
  readonly shape: readonly string[];
  readonly option: readonly string[];
  readonly allowUnknown?: boolean;
}

const KINDS = ["network", "design", "device", "encoding", "method", "schema"] as const;
type Kind = (typeof KINDS)[number];

const EXAMPLES = [
  "pj show network resnet50",
  "pj show network model.onnx --shape x=1,3,224,224",
  "pj show design tpu-like --set peArray.rows=128",
  "pj show device DDR4_8Gb_x8_2400",
  "pj show encoding nm",
  "pj show method int8",
  "pj show schema design > design.schema.json",
];

async function showNetwork(name: string, flags: ShowFlags): Promise<string> {
  const { NETWORKS, describeParameters, loadNetwork, networkMacs, networkParameters } = await import("../../index.js");
  const { renderJson, renderNetworkTable, renderParameters } = await import("../../index.js");
  const { checkAll, parseCount, parsePairs, parseShapes } = await import("../option-values.js");
  const given = checkAll({
    batch: () => parseCount("--batch", flags.batch ?? "1"),
    shapes: () => parseShapes(flags.shape),
    networkOptions: () => parsePairs("--option", flags.option),
  });
  const network = await loadNetwork(name, { ...given, allowUnknown: flags.allowUnknown ?? false });
  const entry = Object.values(NETWORKS).find((candidate) => candidate.name === name.toLowerCase());
  const options = entry === undefined ? [] : describeParameters(entry.optionsTable);
  // What is published is one input with the default options.
  const isPublished = given.batch === 1 && flags.option.length === 0;
  const published = isPublished ? (entry?.published ?? {}) : {};
  if (!flags.json) {
    const { width, paint } = await terminalPage();
    const table = renderNetworkTable(network, published, width, paint);
    return options.length === 0
      ? table
      : `${table}\n${renderParameters(options, (option) => `--option ${option}`, width, paint)}`;
  }
  const { layers, notes, source } = network;
  const [macs, parameters] = [networkMacs(network), networkParameters(network)];
  return renderJson({ name: network.name, source, macs, parameters, published, options, notes, layers });
}

async function showDesign(name: string, flags: ShowFlags): Promise<string> {
  const { describeDesign, loadDesign, renderDesignTable, renderJson } = await import("../../index.js");
  const design = await loadDesign(name, { set: flags.set });
  const fields = describeDesign(design);
  if (flags.json) return renderJson({ name: design.name, source: design.source, design, fields });
  const { width, paint } = await terminalPage();
  return renderDesignTable(fields, width, paint);
}

async function showDevice(name: string, flags: ShowFlags): Promise<string> {
  const { describeController, describeDramDevice, loadDevice } = await import("../../index.js");
  const { renderDramDevice, renderJson, renderParameters } = await import("../../index.js");
  const device = loadDevice(name);
  const data = { ...device, ...describeDramDevice(device) };
  const settings = describeController(device.controller);
  if (flags.json) return renderJson({ ...data, settings });
  const { width, paint } = await terminalPage();
  const list = renderParameters(settings, (setting) => setting, width, paint);
  return `${renderDramDevice(data, { width, paint })}\nController, by --set name=value:\n\n${list}`;
}

async function showEncoding(name: string, flags: ShowFlags): Promise<string> {
  const { ENCODINGS, describeParameters, parseEncodingChoice } = await import("../../index.js");
  const { renderJson, renderList, renderParameters } = await import("../../index.js");
  const known = parseEncodingChoice(name, "show encoding").name as keyof typeof ENCODINGS;
  const { description, source, table } = ENCODINGS[known];
  const parameters = describeParameters(table);
  if (flags.json) return renderJson({ name: known, description, source, parameters });
  const { width, paint } = await terminalPage();
  const list = renderList([{ name: known, description, source }], width, paint);
  return parameters.length === 0
    ? list
    : `${list}\n${renderParameters(parameters, (parameter) => parameter, width, paint)}`;
}

async function showMethod(name: string, flags: ShowFlags): Promise<string> {
  const { METHODS, describeParameters, parseMethodChoice } = await import("../../index.js");
  const { renderJson, renderList, renderParameters } = await import("../../index.js");
  const known = parseMethodChoice(name, "show method").name as keyof typeof METHODS;
  const { description, source, table } = METHODS[known];
  const parameters = describeParameters(table);
  if (flags.json) return renderJson({ name: known, description, source, parameters });
  const { width, paint } = await terminalPage();
  const list = renderList([{ name: known, description, source }], width, paint);
  return `${list}\n${renderParameters(parameters, (parameter) => parameter, width, paint)}`;
}

async function showSchema(name: string): Promise<string> {
  const { designJsonSchema, renderJson } = await import("../../index.js");
  const { parseChoice } = await import("../option-values.js");
  parseChoice("show schema", name, ["design"]);
  return renderJson(designJsonSchema());
}

/** Options that would change nothing about what is shown are mistakes, and are said to be. */
async function refuseIdleFlags(kind: Kind, flags: ShowFlags): Promise<void> {
  const { ConfigError } = await import("../../index.js");
  const given: readonly (readonly [string, Kind, boolean])[] = [
    ["--set", "design", flags.set.length > 0],
    ["--batch", "network", flags.batch !== undefined],
    ["--shape", "network", flags.shape.length > 0],
    ["--option", "network", flags.option.length > 0],
    ["--allow-unknown", "network", flags.allowUnknown === true],
  ];
  const idle = given.filter(([, home, isGiven]) => isGiven && home !== kind);
  if (idle.length === 0) return;
  throw new ConfigError(
    idle.map(([option, home]) => {
      return { where: option, got: `the option for 'show ${kind}'`, want: `'show ${home}'`, fix: "leave it out" };
    }),
  );
}

async function showAction(kind: string, name: string, flags: ShowFlags): Promise<number> {
  const { parseChoice } = await import("../option-values.js");
  const chosen = parseChoice("show", kind.replace(/s$/, ""), KINDS);
  await refuseIdleFlags(chosen, flags);
  const shows = {
    network: showNetwork,
    design: showDesign,
    device: showDevice,
    encoding: showEncoding,
    method: showMethod,
    schema: showSchema,
  };
  await print(await shows[chosen](name, flags));
  return EXIT.fine;
}

export function showCommand(): Command {
  return command(
    "show",
    "one network, design, DRAM device, encoding or method in full, or the JSON Schema of designs",
    EXAMPLES,
  )
    .argument("<kind>", "network, design, device, encoding, method or schema")
    .argument("<name>", "its name, or a file")
    .option("--set <path=value>", "change a parameter of the design (repeatable)", collect, [])
    .option("--batch <n>", "inputs at a time")
    .option("--shape <name=dims>", "shape of a graph input of an ONNX file (repeatable)", collect, [])
    .option("--option <key=value>", "option of a built-in network (repeatable)", collect, [])
    .option("--allow-unknown", "take unknown operators of an ONNX file as data movement")
    .action(ending(showAction));
}
