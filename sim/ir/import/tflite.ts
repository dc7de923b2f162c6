/**
 * TFLite file -> network, or program. The file is read whole after its size was checked; values stay in its bytes until
 * someone loads a tensor.
 */
import { basename } from "node:path";
import type { Network } from "../network.js";
import { MAX_MODEL_BYTES, readModelFile } from "./onnx-file.js";
import type { Program } from "./onnx-program.js";
import { decodeTflite } from "./tflite-model.js";
import { networkOfTflite } from "./tflite-network.js";
import { programOfTflite } from "./tflite-program.js";

/**
 * Reads a model as layers with shapes and (lazily) weights.
 * @throws NetworkError when the file is not a sound TFLite model, UnsupportedError for operators that are not modelled
 */
export async function readTflite(path: string): Promise<Network> {
  const bytes = await readModelFile(path, MAX_MODEL_BYTES);
  return networkOfTflite(decodeTflite(bytes, path), basename(path).replace(/\.tflite$/i, ""));
}

/** Reads a model as a program to run. @throws as `readTflite`; operators that cannot be run are found when it is run */
export async function readTfliteProgram(path: string): Promise<Program> {
  const bytes = await readModelFile(path, MAX_MODEL_BYTES);
  return programOfTflite(decodeTflite(bytes, path));
}
