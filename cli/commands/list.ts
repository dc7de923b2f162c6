/** `pj list`: what there is, one line each with its source. */
import type { Command } from "commander";
import { type CommonOptions, command, ending } from "../command.js";
import { EXIT } from "../exit.js";
import { print } from "../output.js";
import { terminalPage } from "../terminal.js";

interface Entry {
  readonly name: string;
  readonly description: string;
  readonly source: string;
}

/** Registries by the word that the user types. */
async function registries(): Promise<Readonly<Record<string, readonly Entry[]>>> {
  const { DRAM_DEVICES, ENCODINGS, isCalibrated, METHODS, NETWORKS, PRESETS, REPORTS, VALIDATIONS } = await import(
    "../../index.js"
  );
  const entries = (registry: Readonly<Record<string, Entry>>): Entry[] =>
    Object.values(registry).map(({ name, description, source }) => ({ name, description, source }));
  return {
    networks: entries(NETWORKS),
    designs: entries(PRESETS).map((entry) => {
      const calibration = PRESETS[entry.name]?.calibration;
      if (calibration === undefined || isCalibrated(calibration)) return entry;
      return { ...entry, description: `${entry.description} (uncalibrated)` };
    }),
    devices: entries(DRAM_DEVICES),
    encodings: entries(ENCODINGS),
    methods: entries(METHODS),
    reports: entries(REPORTS),
    validations: entries(VALIDATIONS),
  };
}

async function listAction(kind: string | undefined, flags: CommonOptions): Promise<number> {
  const { ConfigError, quoteForMessage, renderJson } = await import("../../index.js");
  const all = await registries();
  if (kind === undefined) {
    const kinds = Object.entries(all).map(([name, entries]) => ({
      name,
      entries: entries.length,
      source: "picojoule",
    }));
    await print(
      flags.json ? renderJson(kinds) : kinds.map(({ name, entries }) => `${name.padEnd(14)}${entries}\n`).join(""),
    );
    return EXIT.fine;
  }
  const chosen = [kind, `${kind}s`].filter((name) => Object.hasOwn(all, name)).map((name) => all[name])[0];
  if (chosen === undefined) {
    throw new ConfigError({
      where: "list",
      got: `'${quoteForMessage(kind)}'`,
      want: `one of ${Object.keys(all).join(", ")}`,
      fix: "'pj list' alone shows how many there are of each",
    });
  }
  if (flags.json) {
    await print(renderJson(chosen));
    return EXIT.fine;
  }
  const { renderList } = await import("../../index.js");
  const { width, paint } = await terminalPage();
  await print(renderList(chosen, width, paint));
  return EXIT.fine;
}

export function listCommand(): Command {
  return command("list", "what there is, with the source of each", [
    "pj list",
    "pj list networks",
    "pj list designs --json",
    "pj list devices",
  ])
    .argument("[kind]", "networks, designs, devices, encodings, methods, reports or validations")
    .action(ending(listAction));
}
