/**
 * Reads every model of the reference folders: the ONNX standard's own node tests and small models with known outputs.
 * Where a model declares the shape of a value, ours must be equal; none may be refused.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { TensorProtoSchema } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { UnsupportedError } from "../../sim/core/errors.js";
import { decodeOnnxModel, importOnnxBytes } from "../../sim/ir/import/onnx.js";
import { readDeclaredType } from "../../sim/ir/import/onnx-inputs.js";
import type { OnnxOptions } from "../../sim/ir/import/onnx-session.js";
import { precisionOfDataType, readTensorProto } from "../../sim/ir/import/onnx-tensor.js";
import type { TensorValues } from "../../sim/ir/tensor.js";
import { referencePath } from "../helpers/references.js";

/** Shapes and values of the inputs that a node test comes with: they decide shapes (Reshape, Slice). */
function readInputs(folder: string, names: readonly string[]): OnnxOptions {
  const shapes: Record<string, readonly number[]> = {};
  const values: Record<string, TensorValues> = {};
  for (const [index, name] of names.entries()) {
    const path = join(folder, "test_data_set_0", `input_${index}.pb`);
    if (!existsSync(path)) continue;
    const tensor = readTensorProto(fromBinary(TensorProtoSchema, readFileSync(path)), path, undefined);
    shapes[name] = tensor.shape;
    values[name] = tensor.load();
  }
  return { shapes, values };
}

async function readFolder(folder: string) {
  const result = {
    models: 0,
    compared: 0,
    differing: [] as string[],
    refused: [] as { name: string; reason: string }[],
  };
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    result.models++;
    const bytes = readFileSync(join(folder, entry.name, "model.onnx"));
    try {
      const { graph } = await decodeOnnxModel(bytes);
      const inputs = graph!.input.map((info) => info.name);
      const network = await importOnnxBytes(bytes, readInputs(join(folder, entry.name), inputs), entry.name);
      for (const info of [...graph!.output, ...graph!.valueInfo]) {
        const { dataType, dimensions } = readDeclaredType(info);
        const tensor = network.tensors.get(info.name);
        if (dimensions?.every((size) => typeof size === "number") !== true || tensor === undefined) continue;
        result.compared++;
        const declared = `${precisionOfDataType(dataType, info.name)} ${dimensions.join("x")}`;
        const ours = `${tensor.precision} ${tensor.shape.join("x")}`;
        if (declared !== ours) result.differing.push(`${entry.name} ${info.name}: declared ${declared}, ours ${ours}`);
      }
    } catch (error) {
      if (!(error instanceof UnsupportedError)) throw new Error(`${entry.name}: ${String(error)}`);
      result.refused.push({ name: entry.name, reason: error.issues.map((issue) => issue.got).join("; ") });
    }
  }
  return result;
}

describe.each([
  ["onnx-node-tests", 400],
  ["onnx-conformance", 90],
])("the models of %s", (name, atLeast) => {
  const folder = referencePath(name);
  const reason = folder === undefined ? ` (skipped: no folder ${name}; set PICOJOULE_REFERENCES)` : "";
  if (reason !== "") console.log(`${name}${reason}`);

  it.skipIf(folder === undefined)(`are read with the shapes and types that they declare${reason}`, async () => {
    const { models, compared, differing, refused } = await readFolder(folder!);
    console.log(`${name}: ${models} models, ${compared} declared types compared, refused ${refused.length}`);
    for (const { name: model, reason } of refused) console.log(`  ${model}: ${reason}`);

    expect(models).toBeGreaterThan(atLeast);
    expect(compared).toBeGreaterThan(atLeast);
    expect(differing).toEqual([]);
    expect(refused).toEqual([]);
  });
});
