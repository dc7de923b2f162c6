/** What commands that run several designs share: the designs by name, and how a study is shown and written. */
import type { StudiedDesign } from "../index.js";
import type { CommonOptions } from "./command.js";
import { print, writeFiles } from "./output.js";
import { terminalPage } from "./terminal.js";

/** A design with what its model reproduces of its own paper, where it is a preset. */
export async function studiedDesign(name: string): Promise<StudiedDesign> {
  const { loadDesign, PRESETS } = await import("../index.js");
  const design = await loadDesign(name);
  const { calibration, notes } = (Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined) ?? {};
  return { name: design.name, design, calibration, notes };
}

/** @throws ConfigError for two designs of one name, which a study could not tell apart */
export async function requireApart(designs: readonly { readonly name: string }[]): Promise<void> {
  const names = designs.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return;
  const { ConfigError, quoteForMessage } = await import("../index.js");
  throw new ConfigError({
    where: "--on",
    got: `two designs named '${quoteForMessage(twice)}'`,
    want: "designs of different names",
    fix: "leave one out, or give its file another name",
  });
}

type Page = Awaited<ReturnType<typeof terminalPage>>;

/**
 * Writes the files of a study where a folder is named, and prints the study: as one document with --json, else as text.
 * @param files are made when they are to be written
 */
export async function showStudy<Study>(
  study: Study,
  flags: CommonOptions & { readonly out?: string },
  files: () => Promise<Record<string, string>>,
  textOf: (page: Page) => Promise<string>,
): Promise<void> {
  const { renderJson } = await import("../index.js");
  const written = flags.out === undefined ? [] : await writeFiles(flags.out, await files());
  if (flags.json) {
    await print(renderJson(study));
    return;
  }
  await print(await textOf(await terminalPage()));
  if (!flags.quiet) await print(written.map((path) => `wrote ${path}\n`).join(""));
}
