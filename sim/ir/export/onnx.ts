/**
 * ONNX model -> bytes. Fields are written in the order of the schema and nothing depends on the machine, so the same model
 * gives the same bytes. Source: onnx.proto3; protobuf encoding guide.
 */
import { toBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema } from "onnx-buf";
import { quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { MAX_MODEL_BYTES } from "../import/onnx-file.js";

/**
 * The bytes of a model.
 * @throws UnsupportedError when its tensors alone exceed what a protobuf message can hold
 */
export function encodeOnnxModel(model: ModelProto): Uint8Array {
  let tensorBytes = 0;
  for (const { rawData } of model.graph?.initializer ?? []) tensorBytes += rawData.length;
  if (tensorBytes > MAX_MODEL_BYTES) {
    throw new UnsupportedError({
      where: `graph ${quoteForMessage(model.graph?.name ?? "")}`,
      got: `${tensorBytes} bytes of tensors`,
      want: `a model of at most ${MAX_MODEL_BYTES} bytes`,
      fix: "cut the model in parts",
    });
  }
  return toBinary(ModelProtoSchema, model);
}
