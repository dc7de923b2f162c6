/**
 * Outlines of the characters of a font file (TrueType, OpenType or WOFF), as closed polygons in units of one em, y downwards
 * from the baseline. Curves are cut into straight pieces once, fine enough for the sizes that lines of text are drawn at.
 * Kerning and ligatures are left out: every character stands at its own advance.
 */
import { readFileSync, statSync } from "node:fs";
import type { PathCommand } from "opentype.js";
import { quoteForMessage, TraceError } from "../../sim/core/errors.js";
import { extractFontTables } from "./font-tables.js";

/** A closed polygon: x and y by turns, in em. */
export type Polygon = readonly number[];

export interface CharacterOutline {
  readonly advanceEm: number;
  readonly polygons: readonly Polygon[];
}

export interface OutlineFont {
  readonly path: string;
  has(character: string): boolean;
  outline(character: string): CharacterOutline;
}

const MAX_FONT_BYTES = 64 * 1024 * 1024;
const CURVE_PIECES = 8;

function refuse(path: string, got: string, fix: string): never {
  throw new TraceError({ where: quoteForMessage(path), got, want: "a font in a .ttf, .otf or .woff file", fix });
}

function readFontBytes(path: string): Uint8Array {
  const fix = "check the path";
  try {
    const found = statSync(path);
    if (!found.isFile()) return refuse(path, "something that is not a plain file", fix);
    if (found.size > MAX_FONT_BYTES) return refuse(path, `a file of ${found.size} bytes`, "name a smaller font");
    return readFileSync(path);
  } catch (error) {
    if (error instanceof TraceError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return refuse(path, code === "ENOENT" ? "no such file" : `a file that cannot be read (${code})`, fix);
  }
}

/** Reads a font. @throws TraceError when it is missing, too large, or no font that can be read */
export async function readFont(path: string): Promise<OutlineFont> {
  const bytes = readFontBytes(path);
  const { default: opentype } = await import("opentype.js");
  const outlines = new Map<string, CharacterOutline>();
  try {
    const font = opentype.parse(extractFontTables(bytes));
    return {
      path,
      has: (character) => font.charToGlyphIndex(character) !== 0,
      outline: (character) => {
        const known = outlines.get(character);
        if (known !== undefined) return known;
        const glyph = font.charToGlyph(character);
        const { commands } = glyph.getPath(0, 0, 1);
        const made = { advanceEm: (glyph.advanceWidth ?? 0) / font.unitsPerEm, polygons: flatten(commands) };
        outlines.set(character, made);
        return made;
      },
    };
  } catch (error) {
    const why = quoteForMessage(error instanceof Error ? error.message : String(error));
    return refuse(path, `a file that is no such font (${why})`, "convert the font to .ttf; .woff2 is not read");
  }
}

/** Polygons of the contours of a path. */
function flatten(commands: readonly PathCommand[]): Polygon[] {
  const polygons: number[][] = [];
  let points: number[] = [];
  for (const command of commands) {
    const [fromX, fromY] = [points.at(-2) ?? 0, points.at(-1) ?? 0];
    if (command.type === "M") {
      points = [];
      polygons.push(points);
    }
    if (command.type === "M" || command.type === "L") points.push(command.x, command.y);
    if (command.type !== "Q" && command.type !== "C") continue;
    for (let piece = 1; piece <= CURVE_PIECES; piece++) {
      const [t, s] = [piece / CURVE_PIECES, 1 - piece / CURVE_PIECES];
      const along = (from: number, first: number, second: number, to: number): number =>
        command.type === "Q"
          ? s * s * from + 2 * s * t * first + t * t * to
          : s * s * s * from + 3 * s * s * t * first + 3 * s * t * t * second + t * t * t * to;
      points.push(along(fromX, command.x1, command.x2, command.x), along(fromY, command.y1, command.y2, command.y));
    }
  }
  return polygons;
}
