/**
 * What a model's outputs say and how right that is: the class of the largest score, the text of CTC scores, and the figures over
 * many samples. Sources: A. Graves et al., "Connectionist Temporal Classification", ICML 2006, section 3.2 (best path
 * decoding); PaddleOCR, ppocr/metrics/rec_metric.py, for what is done about spaces.
 */

import type { DataSet, Sample } from "../../../traces/data-set.js";
import { ConfigError, quoteForMessage } from "../../core/errors.js";
import { isNumberTensor, type NumberValues, type TensorData } from "../../ir/tensor-data.js";

/** A class or a text; undefined where the outputs hold no numbers to compare (NaN). */
export type Prediction = number | string | undefined;

/** Figures of one model over the samples of a set. */
export interface Accuracy {
  /** Classification: part of the samples whose largest score is their class. */
  readonly top1?: number;
  /** Text: 1 - edit distance / length, both summed over all lines. */
  readonly characterAccuracy?: number;
  /** Text: part of the lines without any error. */
  readonly lineAccuracy?: number;
  /** The same two when spaces are left out of both texts, as PaddleOCR's metric does. */
  readonly spacelessCharacterAccuracy?: number;
  readonly spacelessLineAccuracy?: number;
  /** Samples whose outputs were not numbers; they count as wrong. */
  readonly invalidSamples: number;
}

/** Index of the largest value, the first of equal ones; undefined when one is NaN. */
export function indexOfLargest(values: NumberValues, from = 0, to = values.length): number | undefined {
  let best = from;
  for (let at = from; at < to; at++) {
    if (Number.isNaN(values[at]!)) return undefined;
    if (values[at]! > values[best]!) best = at;
  }
  return best - from;
}

/**
 * Best path: the likeliest symbol of each step, repetitions merged, blanks (class 0) taken out.
 * @param scores [steps, symbols.length + 1]
 */
export function decodeCtc(scores: NumberValues, symbols: readonly string[]): string | undefined {
  const classes = symbols.length + 1;
  let text = "";
  let previous = 0;
  for (let step = 0; step < scores.length / classes; step++) {
    const best = indexOfLargest(scores, step * classes, (step + 1) * classes);
    if (best === undefined) return undefined;
    if (best !== previous && best !== 0) text += symbols[best - 1]!;
    previous = best;
  }
  return text;
}

/** Insertions, deletions and replacements of characters that make one text of the other (Levenshtein). */
export function editDistance(from: readonly string[], to: readonly string[]): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [index, character] of from.entries()) {
    const next = [index + 1];
    for (let at = 0; at < to.length; at++) {
      next.push(Math.min(next[at]! + 1, row[at + 1]! + 1, row[at]! + (character === to[at] ? 0 : 1)));
    }
    row = next;
  }
  return row[to.length]!;
}

/** Reads predictions of one task out of an output of a model. */
export function createReader(dataSet: DataSet): (output: TensorData, name: string) => Prediction {
  const { dictionary } = dataSet;
  if (dataSet.task === "text" && dictionary === undefined) {
    throw new ConfigError({
      where: `data '${quoteForMessage(dataSet.name)}'`,
      got: "no dictionary",
      want: "the characters of the model, in the order of its classes, one a line in a text file",
      fix: "add dictionary=FILE to the data set, for PP-OCR v4 its ppocr_keys_v1.txt",
    });
  }
  return (output, name) => {
    const numbers = numbersOf(output, name);
    return dictionary === undefined || dataSet.task === "classification"
      ? indexOfLargest(scoresOf(output, numbers, name))
      : decodeCtc(numbers, symbolsOf(output, name, dictionary));
  };
}

function refuse(name: string, got: string, want: string, fix: string): never {
  throw new ConfigError({ where: `output ${quoteForMessage(name)}`, got, want, fix });
}

function numbersOf(output: TensorData, name: string): NumberValues {
  if (isNumberTensor(output)) return output.values;
  return refuse(name, `${output.precision} values`, "scores", "choose the output that holds the scores");
}

function scoresOf({ shape }: TensorData, values: NumberValues, name: string): NumberValues {
  if (values.length > 1 && shape.filter((size) => size !== 1).length === 1) return values;
  const fix = "give a model whose first output is the scores of the classes, for one sample";
  return refuse(name, `shape [${shape.join(", ")}]`, "one axis of scores, the others of size 1", fix);
}

/** The characters of the classes from 1; a class more than the dictionary has is the space. */
function symbolsOf({ shape }: TensorData, name: string, dictionary: readonly string[]): readonly string[] {
  const classes = shape.at(-1) ?? 0;
  const isSequence = shape.filter((size, axis) => size !== 1 && axis < shape.length - 1).length <= 1;
  if (isSequence && classes === dictionary.length + 1) return dictionary;
  if (isSequence && classes === dictionary.length + 2) return [...dictionary, " "];
  return refuse(
    name,
    `shape [${shape.join(", ")}]`,
    `steps of ${dictionary.length + 1} scores, or ${dictionary.length + 2} with the space`,
    "name the dictionary that the model was trained with",
  );
}

const withoutSpaces = (text: string): string => text.replaceAll(" ", "");

/** Edit distances over many lines. */
class LineTally {
  #edits = 0;
  #characters = 0;
  #correct = 0;

  add(found: string, truth: string): void {
    const [foundCharacters, truthCharacters] = [[...found], [...truth]];
    const edits = editDistance(foundCharacters, truthCharacters);
    this.#edits += edits;
    this.#characters += truthCharacters.length;
    if (edits === 0) this.#correct++;
  }

  characterAccuracy(): number {
    return 1 - this.#edits / Math.max(1, this.#characters);
  }

  lineAccuracy(lines: number): number {
    return this.#correct / lines;
  }
}

/** Gathers how right the predictions of one model are. */
export class AccuracyTally {
  readonly #task: DataSet["task"];
  #samples = 0;
  #correct = 0;
  #invalid = 0;
  readonly #lines = new LineTally();
  readonly #spacelessLines = new LineTally();

  constructor(task: DataSet["task"]) {
    this.#task = task;
  }

  add(prediction: Prediction, { label }: Sample): void {
    this.#samples++;
    if (prediction === undefined) this.#invalid++;
    if (prediction === label) this.#correct++;
    if (typeof label !== "string") return;
    const text = typeof prediction === "string" ? prediction : "";
    this.#lines.add(text, label);
    this.#spacelessLines.add(withoutSpaces(text), withoutSpaces(label));
  }

  /** The figures so far; of at least one sample. */
  accuracy(): Accuracy {
    if (this.#task === "classification") {
      return { top1: this.#correct / this.#samples, invalidSamples: this.#invalid };
    }
    return {
      characterAccuracy: this.#lines.characterAccuracy(),
      lineAccuracy: this.#lines.lineAccuracy(this.#samples),
      spacelessCharacterAccuracy: this.#spacelessLines.characterAccuracy(),
      spacelessLineAccuracy: this.#spacelessLines.lineAccuracy(this.#samples),
      invalidSamples: this.#invalid,
    };
  }
}
