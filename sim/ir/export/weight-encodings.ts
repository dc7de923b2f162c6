/**
 * How the weights of a compressed model are stored, as a text that each tensor of codes carries in its metadata: the integer form
 * keeps every code in 8 bits, and only this says that 4 of them are enough, or that two of four are zeros.
 */
import type { ModelProto, TensorProto } from "onnx-buf";
import { NetworkError, quoteForMessage } from "../../core/errors.js";
import type { EncodingChoice } from "../encodings/encoding.js";
import { formatEncodingChoice, parseStorageChoice } from "../encodings/index.js";
import { decodeSmartDeal, encodeSmartDeal, type SmartDealWeights } from "../encodings/smartdeal.js";

const ENCODING_KEY = "picojoule.encoding";
const CONTAINER_KEY = "picojoule.smartdeal";

/** Key of a model's metadata that names the method of its compression. */
export const METHOD_KEY = "picojoule.method";

const MAX_METHOD_CHARACTERS = 200;

/** How the weights of a model were compressed, as the model says; undefined when it does not say, or nothing legible. */
export function methodOfModel({ metadataProps }: ModelProto): string | undefined {
  const text = metadataProps.find(({ key }) => key === METHOD_KEY)?.value;
  return text !== undefined && text.length <= MAX_METHOD_CHARACTERS && /^[\w:=,.+-]+$/.test(text) ? text : undefined;
}

/** The metadata of a tensor of codes. */
export function encodingMetadata(encoding: EncodingChoice): Readonly<Record<string, string>> {
  return { [ENCODING_KEY]: formatEncodingChoice(encoding) };
}

/** The metadata of a tensor of codes that are rounded from a container: the container itself, in base 64. */
export function containerMetadata(weights: SmartDealWeights): Readonly<Record<string, string>> {
  return { [CONTAINER_KEY]: Buffer.from(encodeSmartDeal(weights)).toString("base64") };
}

/** The encoding that a stored tensor carries. @throws ConfigError for a text that names no encoding */
export function encodingOfTensor({ name, metadataProps }: TensorProto): EncodingChoice | undefined {
  const text = metadataProps.find(({ key }) => key === ENCODING_KEY)?.value;
  return text === undefined ? undefined : parseStorageChoice(text, `initializer ${quoteForMessage(name)}`);
}

/** Reads, once, the container that a stored tensor carries; undefined for a tensor that is stored in another way. */
export function containerOfTensor(tensor: TensorProto): (() => SmartDealWeights) | undefined {
  const encoding = tensor.metadataProps.find(({ key }) => key === ENCODING_KEY)?.value ?? "";
  if (encoding.split(":", 1)[0] !== "smartdeal") return undefined;
  const text = tensor.metadataProps.find(({ key }) => key === CONTAINER_KEY)?.value ?? "";
  let weights: SmartDealWeights | undefined;
  return () => {
    weights ??= readContainer(text, tensor);
    return weights;
  };
}

function readContainer(text: string, { name, dims }: TensorProto): SmartDealWeights {
  const where = `initializer ${quoteForMessage(name)}`;
  const fix = "compress the model again: what carries its weights is gone or damaged";
  const bytes = Buffer.from(text, "base64");
  if (bytes.length === 0 || bytes.toString("base64") !== text) {
    const got = text === "" ? "no container" : "a container that is no text in base 64";
    throw new NetworkError({ where, got, want: `a text in base 64 under ${CONTAINER_KEY}`, fix });
  }
  const weights = decodeSmartDeal(bytes);
  const { filters, channels, kernelHeight, kernelWidth } = weights.shape;
  const sizes = dims.map(Number);
  const wanted = sizes.length === 2 ? [sizes[1], sizes[0], 1] : [sizes[0], sizes[1], productOf(sizes.slice(2))];
  if ([filters, channels, kernelHeight * kernelWidth].every((size, axis) => size === wanted[axis])) return weights;
  const got = `a container of ${filters} filters [${channels}, ${kernelHeight}, ${kernelWidth}]`;
  throw new NetworkError({ where, got, want: `one for weights of shape [${sizes.join(", ")}]`, fix });
}

const productOf = (sizes: readonly number[]): number => sizes.reduce((product, size) => product * size, 1);

/** The encoding of each tensor of codes by name. @throws ConfigError for a text that names no encoding */
export function weightEncodings(model: ModelProto): Map<string, EncodingChoice> {
  const encodings = new Map<string, EncodingChoice>();
  for (const tensor of model.graph?.initializer ?? []) {
    const encoding = encodingOfTensor(tensor);
    if (encoding !== undefined) encodings.set(tensor.name, encoding);
  }
  return encodings;
}
