/**
 * How the weights of a compressed model are stored, as a text that each tensor of codes carries in its metadata: the integer form
 * keeps every code in 8 bits, and only this says that 4 of them are enough, or that two of four are zeros.
 */
import type { ModelProto, TensorProto } from "onnx-buf";
import { quoteForMessage } from "../../core/errors.js";
import type { EncodingChoice } from "../encodings/encoding.js";
import { formatEncodingChoice, parseEncodingChoice } from "../encodings/index.js";

const ENCODING_KEY = "picojoule.encoding";

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

/** The encoding that a stored tensor carries. @throws ConfigError for a text that names no encoding */
export function encodingOfTensor({ name, metadataProps }: TensorProto): EncodingChoice | undefined {
  const text = metadataProps.find(({ key }) => key === ENCODING_KEY)?.value;
  return text === undefined ? undefined : parseEncodingChoice(text, `initializer ${quoteForMessage(name)}`);
}

/** The encoding of each tensor of codes by name. @throws ConfigError for a text that names no encoding */
export function weightEncodings(model: ModelProto): Map<string, EncodingChoice> {
  const encodings = new Map<string, EncodingChoice>();
  for (const tensor of model.graph?.initializer ?? []) {
    const encoding = encodingOfTensor(tensor);
    if (encoding !== undefined) encodings.set(tensor.name, encoding);
  }
  return encodings;
}
