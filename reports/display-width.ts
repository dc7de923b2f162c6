/**
 * How many terminal cells text takes, and cutting and padding to a number of cells. The width of a character is measured with
 * the table library, which knows East Asian widths; emoji newer than the library count as wide. Text must be printable
 * (`printableText`), so that no character takes no cell. Sequences that a terminal may draw as one glyph (flags, skin tones) are
 * counted by their parts: a line can end up shorter than asked, never longer.
 */
import Table from "cli-table3";

const ASCII = /^[\x20-\x7e]*$/;
const EMOJI = /\p{Emoji_Presentation}/u;
const ELLIPSIS = "…";
const MAX_REMEMBERED = 4096;

const remembered = new Map<string, number>();

const FRAMELESS = Object.fromEntries(
  ["top", "bottom"].flatMap((side) => ["", "-mid", "-left", "-right"].map((part) => [side + part, ""])),
);

/** Cells of one character: the length of the padding that a table puts under it. */
function measure(character: string): number {
  const table = new Table({
    chars: { ...FRAMELESS, left: "", right: "", middle: "" },
    style: { "padding-left": 0, "padding-right": 0, border: [], compact: true },
  });
  table.push([character], [""]);
  const [, padding = ""] = table.toString().split("\n");
  return Math.max(1, padding.length, EMOJI.test(character) ? 2 : 1);
}

function characterWidth(character: string): number {
  const known = remembered.get(character);
  if (known !== undefined) return known;
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  const width = measure(character);
  remembered.set(character, width);
  return width;
}

/** Cells that printable text takes. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += characterWidth(character);
  return cells;
}

/** The longest beginning of a text that takes at most so many cells. */
export function beginning(text: string, cells: number): string {
  if (ASCII.test(text)) return text.slice(0, Math.max(0, cells));
  let rest = cells;
  let end = 0;
  for (const character of text) {
    rest -= characterWidth(character);
    if (rest < 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** The text, cut with an ellipsis when it takes more cells than there are. */
export function cutToWidth(text: string, cells: number): string {
  if (displayWidth(text) <= cells) return text;
  return cells < 1 ? "" : beginning(text, cells - 1) + ELLIPSIS;
}

/** Spaces that fill a text up to so many cells. */
export function padding(text: string, cells: number): string {
  return " ".repeat(Math.max(0, cells - displayWidth(text)));
}
