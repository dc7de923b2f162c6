/**
 * ONNX file -> network. The file is checked before it is decoded, decoded without its unknown fields, and imported node by
 * node with shape inference of our own. Values stay in the file's bytes until someone loads a tensor.
 * Source: onnx.proto3 (IR), ONNX operator sets; what is read and how it is costed is said in the files of each concept.
 */
import { basename } from "node:path";
import type { ModelProto } from "onnx-buf";
import { NetworkError, quoteForMessage } from "../../core/errors.js";
import type { Network } from "../network.js";
import { MAX_MODEL_BYTES, readModelFile } from "./onnx-file.js";
import { importOnnxModel } from "./onnx-graph.js";
import { type Program, readProgram } from "./onnx-program.js";
import type { OnnxOptions } from "./onnx-session.js";
import { checkWire, DEFAULT_WIRE_LIMITS, type WireLimits } from "./onnx-wire.js";

/**
 * Reads a model with its graph, shapes and (lazily) its weights.
 * @throws NetworkError when the file is not a sound ONNX model or an input's shape is open; UnsupportedError for
 *   operators, element types and control flow that are not modelled
 */
export async function readOnnx(path: string, options: OnnxOptions = {}): Promise<Network> {
  const bytes = await readModelFile(path, Math.min(options.maxFileBytes ?? MAX_MODEL_BYTES, MAX_MODEL_BYTES));
  const model = await decodeOnnxModel(bytes, path);
  const name = options.name ?? basename(path).replace(/\.onnx$/i, "");
  return importOnnxModel(model, options, { name, source: path, modelPath: path });
}

/** The network of a model given as bytes; tensors in external files are refused. @throws as `readOnnx` */
export async function importOnnxBytes(bytes: Uint8Array, options: OnnxOptions = {}, name = "model"): Promise<Network> {
  const model = await decodeOnnxModel(bytes, name);
  return importOnnxModel(model, options, { name: options.name ?? name, source: name });
}

/**
 * Reads a model as a program to run. Values of stored tensors stay in the file's bytes until they are needed.
 * @throws NetworkError when the file is not a sound ONNX model; UnsupportedError for what is not read
 */
export async function readOnnxProgram(path: string): Promise<Program> {
  const bytes = await readModelFile(path, MAX_MODEL_BYTES);
  return readProgram(await decodeOnnxModel(bytes, path), path, path);
}

/** The program of a model given as bytes; tensors in external files are refused. @throws as `readOnnxProgram` */
export async function importOnnxProgram(bytes: Uint8Array, name = "model"): Promise<Program> {
  return readProgram(await decodeOnnxModel(bytes, name), name);
}

/**
 * Decodes the bytes of a model; tensors share memory with `bytes`.
 * @throws NetworkError when they are not a protobuf message of the ONNX schema within the limits
 */
export async function decodeOnnxModel(
  bytes: Uint8Array,
  where = "model",
  limits: WireLimits = DEFAULT_WIRE_LIMITS,
): Promise<ModelProto> {
  const [{ fromBinary }, { ModelProtoSchema }] = await Promise.all([import("@bufbuild/protobuf"), import("onnx-buf")]);
  checkWire(bytes, ModelProtoSchema, quoteForMessage(where), limits);
  try {
    return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (error) {
    throw new NetworkError({
      where: quoteForMessage(where),
      got: `bytes that are not an ONNX model: ${quoteForMessage(error instanceof Error ? error.message : String(error))}`,
      want: "a serialized ONNX model",
      fix: "check that the file is complete; download or export it again",
    });
  }
}
