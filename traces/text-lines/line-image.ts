/**
 * One line of text as a picture: letters of a font in one ink on one ground, sheared, tilted, blurred and noisy by amounts that
 * are drawn, in bytes of blue, green and red. What it says is known, since it was drawn from it.
 */
import type { Random } from "../../sim/core/rng.js";
import type { OutlineFont } from "./font-outlines.js";
import { type LineText, linePieces } from "./line-words.js";
import { CoverageMap } from "./polygon-coverage.js";

export const LINE_HEIGHT = 48;
const CHANNELS = 3;

/** Largest amounts of each disturbance; a line draws its own up to them. */
export interface LineStyle {
  readonly text: LineText;
  /** Widest picture in pixels. */
  readonly width: number;
  /** Standard deviation of the noise, in levels of a byte. */
  readonly noise: number;
  /** Part of each pixel that comes from either neighbour. */
  readonly blur: number;
  /** Pixels across for each pixel up. */
  readonly shear: number;
  /** Pixels down for each pixel across. */
  readonly slope: number;
}

export interface LineImage {
  readonly text: string;
  readonly width: number;
  /** [3, 48, width], blue first. */
  readonly bytes: Uint8Array;
}

const LEAST_EM_PIXELS = 28;
const MOST_EM_PIXELS = 40;
/** Height of capitals and depth of descenders, in em, as most fonts have them. */
const ASCENT_EM = 0.75;
const DESCENT_EM = 0.22;

/** Draws a line. */
export function drawLine(random: Random, fonts: readonly OutlineFont[], style: LineStyle): LineImage {
  const font = random.pick(fonts);
  const emPixels = random.between(LEAST_EM_PIXELS, MOST_EM_PIXELS);
  const shear = random.between(-style.shear, style.shear);
  const spaceEm = random.between(0.28, 0.45);
  const marginPixels = random.between(3, 9);
  const roomEm = (style.width - 2 * marginPixels - Math.abs(shear) * LINE_HEIGHT) / emPixels;
  const text = fittingText(random, font, style.text, spaceEm, roomEm);
  const widthEm = measure(font, text, spaceEm);
  // A single word that is too long is squeezed, as a resize to the width would do.
  const squeeze = Math.min(1, roomEm / widthEm);
  const inkPixels = widthEm * emPixels * squeeze;
  const width = Math.min(style.width, Math.ceil(inkPixels + 2 * marginPixels + Math.abs(shear) * LINE_HEIGHT));
  const free = LINE_HEIGHT - (ASCENT_EM + DESCENT_EM) * emPixels;
  const slope =
    random.between(-style.slope, style.slope) * Math.min(1, Math.max(0, free) / (2 * style.slope * width || 1));
  const baseline = ASCENT_EM * emPixels + random.between(0.3, 0.7) * free - (slope * width) / 2;
  const map = new CoverageMap(width, LINE_HEIGHT);
  let penEm = 0;
  for (const character of text) {
    if (character !== " ") {
      const x = marginPixels + (shear > 0 ? 0 : -shear * LINE_HEIGHT) + penEm * emPixels * squeeze;
      for (const polygon of font.outline(character).polygons) {
        map.add(polygon, {
          a: emPixels * squeeze,
          b: -shear * emPixels,
          c: 0,
          d: emPixels,
          e: x,
          f: baseline + slope * x,
        });
      }
    }
    penEm += advance(font, character, spaceEm);
  }
  map.fill();
  return { text, width, bytes: paint(random, map, style) };
}

function advance(font: OutlineFont, character: string, spaceEm: number): number {
  return character === " " ? spaceEm : font.outline(character).advanceEm;
}

function measure(font: OutlineFont, text: string, spaceEm: number): number {
  let width = 0;
  for (const character of text) width += advance(font, character, spaceEm);
  return width;
}

/** Pieces as long as the next one fits, up to a number that is drawn; the first in any case. */
function fittingText(random: Random, font: OutlineFont, kind: LineText, spaceEm: number, roomEm: number): string {
  const wanted = 1 + random.below(4);
  let text = "";
  let count = 0;
  for (const piece of linePieces(random, kind)) {
    const known = [...piece].filter((character) => font.has(character)).join("");
    if (known === "") continue;
    const longer = text === "" ? known : `${text} ${known}`;
    if (text !== "" && measure(font, longer, spaceEm) > roomEm) break;
    text = longer;
    if (++count === wanted) break;
  }
  return text;
}

/** Ink on ground with noise, as bytes. */
function paint(random: Random, map: CoverageMap, style: LineStyle): Uint8Array {
  const { width } = map;
  const isInverted = random.below(4) === 0;
  const [light, dark] = [random.between(170, 255), random.between(0, 80)];
  const [ground, ink] = isInverted ? [dark, light] : [light, dark];
  const noise = random.between(0, style.noise);
  const coverage = blur(map, random.between(0, style.blur));
  const bytes = new Uint8Array(CHANNELS * LINE_HEIGHT * width);
  for (let channel = 0; channel < CHANNELS; channel++) {
    const [ownGround, ownInk] = [ground + random.between(-12, 12), ink + random.between(-12, 12)];
    for (let at = 0; at < coverage.length; at++) {
      const level = ownGround + (ownInk - ownGround) * coverage[at]! + noise * normal(random);
      bytes[channel * coverage.length + at] = Math.round(Math.min(255, Math.max(0, level)));
    }
  }
  return bytes;
}

/** Close to a normal distribution of deviation 1: the sum of three uniform numbers of deviation 1/sqrt(3) each. */
function normal(random: Random): number {
  return random.between(-1, 1) + random.between(-1, 1) + random.between(-1, 1);
}

/** A share of each pixel taken from its four neighbours; the border is its own neighbour. */
function blur({ coverage, width, height }: CoverageMap, share: number): Float64Array {
  const along = new Float64Array(coverage.length);
  const both = new Float64Array(coverage.length);
  for (let at = 0; at < coverage.length; at++) {
    const column = at % width;
    const sides = coverage[column === 0 ? at : at - 1]! + coverage[column === width - 1 ? at : at + 1]!;
    along[at] = (1 - 2 * share) * coverage[at]! + share * sides;
  }
  for (let at = 0; at < coverage.length; at++) {
    const row = Math.floor(at / width);
    const sides = along[row === 0 ? at : at - width]! + along[row === height - 1 ? at : at + width]!;
    both[at] = (1 - 2 * share) * along[at]! + share * sides;
  }
  return both;
}
