/**
 * Generated data sets of lines of text in the form that PaddleOCR gives its recogniser and its classifier of angles: blue,
 * green and red, 48 pixels high, (byte / 255 - 0.5) / 0.5, and zeros to the right of the line up to a fixed width. Source:
 * PaddleOCR, tools/infer/predict_rec.py and predict_cls.py, resize_norm_img.
 */
import { readFileSync, statSync } from "node:fs";
import { quoteForMessage, TraceError } from "../../sim/core/errors.js";
import { Random } from "../../sim/core/rng.js";
import { createTensor, type TensorData } from "../../sim/ir/tensor-data.js";
import type { DataSet } from "../data-set.js";
import type { DataSetOptions } from "../data-set-options.js";
import { type OutlineFont, readFont } from "./font-outlines.js";
import { drawLine, LINE_HEIGHT, type LineImage, type LineStyle } from "./line-image.js";

const MAX_FONTS = 64;
const MAX_COUNT = 10_000_000;
const MAX_DICTIONARY_BYTES = 16 * 1024 * 1024;
/** What every line may need. */
const NEEDED_CHARACTERS = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"];

const RECOGNISER_WIDTH = 320;
const CLASSIFIER_WIDTH = 192;

interface LineSetting {
  readonly fonts: readonly OutlineFont[];
  readonly style: LineStyle;
  readonly seed: string;
  readonly count: number;
  readonly source: string;
}

/** The parameters that both sets have. @throws ConfigError, TraceError */
async function readSetting(
  options: DataSetOptions,
  standardWidth: number,
  seed: string,
): Promise<LineSetting & { readonly dictionary: readonly string[] | undefined }> {
  const paths = options.list("font") ?? [options.required("font", "Roboto-Regular.woff")];
  const style: LineStyle = {
    text: options.choice("text", "mixed", ["mixed", "words", "digits"]),
    width: options.count("width", standardWidth, 64, 4096),
    noise: options.number("noise", 8, 0, 64),
    blur: options.number("blur", 0.2, 0, 0.33),
    shear: options.number("shear", 0.2, 0, 0.5),
    slope: options.number("slope", 0.02, 0, 0.1),
  };
  const count = options.count("count", 200, 1, MAX_COUNT);
  const ownSeed = options.text("seed") ?? seed;
  const dictionaryPath = options.text("dictionary");
  options.finish();
  if (paths.length > MAX_FONTS) {
    const fix = "leave some out";
    throw new TraceError({ where: "data font", got: `${paths.length} fonts`, want: `at most ${MAX_FONTS}`, fix });
  }
  const dictionary = dictionaryPath === undefined ? undefined : readDictionary(dictionaryPath);
  const fonts: OutlineFont[] = [];
  for (const path of paths) fonts.push(limitTo(dictionary, await readFont(path)));
  const source = `generated lines of text, drawn from ${paths.length} font${paths.length === 1 ? "" : "s"}, seed ${ownSeed}`;
  return { fonts, style, seed: ownSeed, count, source, dictionary };
}

/** The characters that a recogniser tells apart, in the order of its classes, without the blank. */
export function readDictionary(path: string): readonly string[] {
  const refuse = (got: string, want: string, fix: string): never => {
    throw new TraceError({ where: quoteForMessage(path), got, want, fix });
  };
  const want = "a text file with one character a line";
  let text = "";
  try {
    const found = statSync(path);
    if (!found.isFile() || found.size > MAX_DICTIONARY_BYTES)
      refuse(`no plain file of a few kB`, want, "check the path");
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof TraceError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    refuse(code === "ENOENT" ? "no such file" : `a file that cannot be read (${code})`, want, "check the path");
  }
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  const empty = lines.indexOf("");
  if (empty !== -1) refuse(`an empty line ${empty + 1}`, want, "remove the line, or name a dictionary");
  return lines;
}

/** The font without the characters that a recogniser does not know. @throws TraceError when it lacks letters or digits */
function limitTo(dictionary: readonly string[] | undefined, font: OutlineFont): OutlineFont {
  const known = dictionary === undefined ? undefined : new Set(dictionary);
  const has = (character: string): boolean => font.has(character) && known?.has(character) !== false;
  const lacking = NEEDED_CHARACTERS.filter((character) => !has(character));
  if (lacking.length === 0) return { ...font, has };
  throw new TraceError({
    where: quoteForMessage(font.path),
    got: `no character ${lacking.slice(0, 10).join(" ")} in the font or the dictionary`,
    want: "all of a-z, A-Z and 0-9",
    fix: "name another font, or the dictionary of the model",
  });
}

/** Bytes of a line as a recogniser takes them, zeros to its right. */
function normalize({ width, bytes }: LineImage, fullWidth: number): TensorData {
  const tensor = createTensor([3, LINE_HEIGHT, fullWidth], "fp32");
  for (let row = 0; row < 3 * LINE_HEIGHT; row++) {
    for (let column = 0; column < width; column++) {
      tensor.values[row * fullWidth + column] = (bytes[row * width + column]! / 255 - 0.5) / 0.5;
    }
  }
  return tensor;
}

function lineOf({ fonts, style, seed }: LineSetting, index: number): LineImage {
  return drawLine(new Random(`${seed} line ${index}`), fonts, style);
}

/** Lines for a recogniser: the label is what the line says. */
export async function openTextLines(name: string, options: DataSetOptions, seed: string): Promise<DataSet> {
  const setting = await readSetting(options, RECOGNISER_WIDTH, seed);
  const { style, count, source, dictionary } = setting;
  return {
    name,
    source,
    isGenerated: true,
    task: "text",
    size: count,
    shape: [3, LINE_HEIGHT, style.width],
    ...(dictionary !== undefined && { dictionary }),
    sample: (index) => {
      const line = lineOf(setting, index);
      return { values: normalize(line, style.width), label: line.text };
    },
  };
}

/** The same picture turned by half a turn. */
function upsideDown({ text, width, bytes }: LineImage): LineImage {
  const turned = new Uint8Array(bytes.length);
  const area = LINE_HEIGHT * width;
  for (let at = 0; at < bytes.length; at++) {
    const channel = Math.floor(at / area);
    turned[channel * area + (area - 1 - (at % area))] = bytes[at]!;
  }
  return { text, width, bytes: turned };
}

/** Lines for a classifier of angles: class 0 upright, class 1 upside down, each as often as the other. */
export async function openTextAngles(name: string, options: DataSetOptions, seed: string): Promise<DataSet> {
  const setting = await readSetting(options, CLASSIFIER_WIDTH, seed);
  const { style, count, source } = setting;
  return {
    name,
    source: `${source}, every second one upside down`,
    isGenerated: true,
    task: "classification",
    size: count,
    shape: [3, LINE_HEIGHT, style.width],
    sample: (index) => {
      const line = lineOf(setting, index);
      return { values: normalize(index % 2 === 0 ? line : upsideDown(line), style.width), label: index % 2 };
    },
  };
}
