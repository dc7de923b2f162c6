/**
 * Classification samples out of two arrays in memory, images and labels, whatever files they came from. An image becomes
 * `(value * scale - mean) / std`, worked out in double precision when it is asked for; what is held is the file's own bytes.
 */
import { quoteForMessage, TraceError } from "../sim/core/errors.js";
import { elementCount } from "../sim/core/integers.js";
import { createValues, isNumberTensor, type TensorData } from "../sim/ir/tensor-data.js";
import type { DataSet } from "./data-set.js";
import type { DataSetOptions } from "./data-set-options.js";

const BYTE_MAXIMUM = 255;

/** How values of files become values of samples; one mean and deviation for all channels, or one each. */
interface Preprocessing {
  /** @default 1/255 for bytes, 1 for other values */
  readonly scale: number | undefined;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export function readPreprocessing(options: DataSetOptions): Preprocessing {
  const hasScale = options.text("scale") !== undefined;
  return {
    scale: hasScale ? options.number("scale", 1, 1e-9, 1e9) : undefined,
    mean: options.numbers("mean", 0, -1e9, 1e9),
    std: options.numbers("std", 1, 1e-9, 1e9),
  };
}

interface ArrayFiles {
  readonly name: string;
  readonly source: string;
  /** Files in messages. */
  readonly imagesPath: string;
  readonly labelsPath: string;
  /** Samples along the first axis; [N, H, W] gives samples of one channel. */
  readonly images: TensorData;
  readonly labels: TensorData;
}

/**
 * A set of images and their classes.
 * @throws TraceError when the arrays do not belong together, or labels are no classes
 */
export function createArrayDataSet(files: ArrayFiles, { scale: given, mean, std }: Preprocessing): DataSet {
  const { name, source, images } = files;
  const size = images.shape[0] ?? 0;
  const own = images.shape.slice(1);
  const shape = own.length === 2 ? [1, ...own] : own;
  const labels = classesOf(files, size);
  const elements = elementCount(shape);
  if (elements === 0 || size === 0)
    refuse(files.imagesPath, `an array of shape [${images.shape.join(", ")}]`, "samples");
  if (!isNumberTensor(images))
    return refuse(files.imagesPath, `${images.precision} values`, "numbers of at most 32 bits");
  const { values } = images;
  const channels = shape.length === 3 ? shape[0]! : 1;
  for (const [option, list] of [["mean", mean] as const, ["std", std] as const]) {
    if (list.length === 1 || list.length === channels) continue;
    refuse(`data ${name}.${option}`, `${list.length} values`, `one value, or one for each of ${channels} channels`);
  }
  const scale = given ?? (images.precision === "uint8" ? 1 / BYTE_MAXIMUM : 1);
  const channelElements = elements / channels;
  return {
    name,
    source,
    isGenerated: false,
    task: "classification",
    size,
    shape,
    sample: (index) => {
      const taken = createValues("fp32", elements) as Float32Array;
      for (let at = 0; at < elements; at++) {
        const channel = Math.floor(at / channelElements);
        const [centre, spread] = [mean[channel] ?? mean[0]!, std[channel] ?? std[0]!];
        taken[at] = (values[index * elements + at]! * scale - centre) / spread;
      }
      return { values: { shape, precision: "fp32", values: taken }, label: labels[index]! };
    },
  };
}

function classesOf({ imagesPath, labelsPath, labels }: ArrayFiles, size: number): Uint32Array {
  if (labels.shape.length !== 1) {
    return refuse(labelsPath, `labels of shape [${labels.shape.join(", ")}]`, "one label a sample: shape [N]");
  }
  const count = labels.values.length;
  if (count !== size) return refuse(labelsPath, `${count} labels`, `${size} labels, one for each of ${imagesPath}`);
  const classes = new Uint32Array(count);
  for (const [index, value] of labels.values.entries()) {
    const label = Number(value);
    if (!Number.isInteger(label) || label < 0 || label >= 2 ** 32) {
      return refuse(labelsPath, `label ${value} at ${index}`, "classes: whole numbers from 0");
    }
    classes[index] = label;
  }
  return classes;
}

function refuse(where: string, got: string, want: string): never {
  const fix = "give the two arrays of one set";
  throw new TraceError({ where: quoteForMessage(where), got, want, fix });
}
