/**
 * Data sets: labelled samples by index, so that any part of one can be drawn, read again and kept apart from another. Values
 * are float32 in the range that the set's preprocessing gives (0 to 1 for bytes of images unless it is told otherwise);
 * fitting them to a model's layout and precision is the business of whoever runs the model.
 */
import { ConfigError, quoteForMessage } from "../sim/core/errors.js";
import { shuffledIndices } from "../sim/core/rng.js";
import type { TensorData } from "../sim/ir/tensor-data.js";

/** One sample of a set. */
export interface Sample {
  /** fp32, of the set's shape: [C, H, W] for images. */
  readonly values: TensorData;
  /** Class from 0, or what the line says. */
  readonly label: number | string;
}

export interface DataSet {
  /** As the user wrote it. */
  readonly name: string;
  /** Where the samples come from, in words; says so when they are generated. */
  readonly source: string;
  /** True when the samples were made by a program: results on them say so. */
  readonly isGenerated: boolean;
  /** `classification`: the label is a class. `text`: the label is a string, read from a model's output by CTC decoding. */
  readonly task: "classification" | "text";
  readonly size: number;
  /** Shape of each sample. */
  readonly shape: readonly number[];
  /** Of a text set: the characters that a recogniser tells apart, in the order of its classes behind the blank. */
  readonly dictionary?: readonly string[];
  /** A sample by its place, from 0 and below `size`; the same one every time. */
  sample(index: number): Sample;
}

/** Which samples are taken: an order drawn by a seed, and a stretch of it. */
export interface Draw {
  readonly seed: string;
  /** Samples of the order that come before the stretch. @default 0 */
  readonly skip?: number;
  readonly count: number;
}

/**
 * Samples of a set without repetition in an order that the seed decides: stretches of one order have no sample in common.
 * @throws ConfigError when the set has fewer than `skip + count` samples
 */
export function* drawSamples(dataSet: DataSet, { seed, skip = 0, count }: Draw): Generator<Sample> {
  if (skip + count > dataSet.size) {
    throw new ConfigError({
      where: `data '${quoteForMessage(dataSet.name)}'`,
      got: `${dataSet.size} samples`,
      want: `${skip + count} samples${skip > 0 ? `, ${skip} of them kept apart` : ""}`,
      fix: "take fewer samples, or a larger set",
    });
  }
  for (const index of shuffledIndices(dataSet.size, seed).subarray(skip, skip + count)) yield dataSet.sample(index);
}
