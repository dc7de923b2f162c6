/** What the terminal can show: how wide it is, whether it wants colour, and in which colours tables are painted. */
import type { Paint } from "../index.js";

const PIPED_WIDTH = 80;

/** Columns of the terminal; 80 when the output is not one. */
function terminalWidth(): number {
  return process.stdout.columns || PIPED_WIDTH;
}

/**
 * Whether to colour what goes to a stream. FORCE_COLOR decides when it is set (`0` and `false` say no), then NO_COLOR when it
 * is not empty (no-color.org), then whether the stream is a terminal that knows colours.
 */
export function wantsColor(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  const forced = environment.FORCE_COLOR;
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if ((environment.NO_COLOR ?? "") !== "") return false;
  return stream.isTTY === true && environment.TERM !== "dumb";
}

/** Width and colours of what goes to standard output. */
export async function terminalPage(): Promise<{ readonly width: number; readonly paint: Paint }> {
  const { default: picocolors } = await import("picocolors");
  const { bold, cyan, dim, yellow } = picocolors.createColors(wantsColor(process.stdout));
  return { width: terminalWidth(), paint: { title: bold, faint: dim, bar: cyan, warning: yellow } };
}
