/** A single tensor in a file: a serialized TensorProto, as the test data of the ONNX standard stores its arrays. */
import { quoteForMessage } from "../../core/errors.js";
import type { TensorData } from "../tensor-data.js";
import { MAX_MODEL_BYTES, readModelFile } from "./onnx-file.js";
import { readTensorProto } from "./onnx-tensor.js";
import { checkWire, DEFAULT_WIRE_LIMITS } from "./onnx-wire.js";

/**
 * Reads a tensor with its values.
 * @throws NetworkError when the file is not a sound tensor, UnsupportedError for element types that are not read
 */
export async function readOnnxTensorFile(path: string): Promise<TensorData> {
  const where = quoteForMessage(path);
  const bytes = await readModelFile(path, MAX_MODEL_BYTES);
  const [{ fromBinary }, { TensorProtoSchema }] = await Promise.all([import("@bufbuild/protobuf"), import("onnx-buf")]);
  checkWire(bytes, TensorProtoSchema, where, DEFAULT_WIRE_LIMITS);
  const { shape, precision, load } = readTensorProto(
    fromBinary(TensorProtoSchema, bytes, { readUnknownFields: false }),
    where,
    undefined,
  );
  return { shape, precision, values: load() };
}
