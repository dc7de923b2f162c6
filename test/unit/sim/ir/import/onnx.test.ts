/** The whole way from a file on disk: external data, limits and lazy values. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, StringStringEntryProtoSchema, TensorProtoSchema } from "onnx-buf";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NetworkError } from "../../../../../sim/core/errors.js";
import { importOnnxBytes, readOnnx } from "../../../../../sim/ir/import/onnx.js";
import { tensorOf } from "../../../../helpers/onnx-import.js";
import { FLOAT, model, modelBytes, valueInfo } from "../../../../helpers/onnx-models.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "onnx-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A product with weights [2, 2] in `w.bin`, from byte 4. */
function externalModel(entries: Record<string, string>): Uint8Array {
  const weight = create(TensorProtoSchema, {
    name: "w",
    dims: [2n, 2n],
    dataType: FLOAT,
    dataLocation: 1,
    externalData: Object.entries(entries).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
  });
  return toBinary(
    ModelProtoSchema,
    model({
      inputs: [valueInfo("x", [1, 2])],
      initializers: [weight],
      nodes: [{ op: "MatMul", in: ["x", "w"], out: ["y"] }],
      outputs: ["y"],
    }),
  );
}

const SOUND = { location: "w.bin", offset: "4", length: "16" };

describe("an ONNX file", () => {
  it("is named by its file and keeps its path as the source", async () => {
    const path = join(folder, "tiny.onnx");
    writeFileSync(
      path,
      modelBytes({ inputs: [valueInfo("x", [2])], nodes: [{ op: "Relu", in: ["x"], out: ["y"] }], outputs: ["y"] }),
    );

    const network = await readOnnx(path);

    expect(network).toMatchObject({ name: "tiny", source: path });
  });

  it("has its external weights read when they are loaded, not before", async () => {
    const path = join(folder, "m.onnx");
    writeFileSync(path, externalModel(SOUND));
    writeFileSync(join(folder, "w.bin"), new Uint8Array(Float32Array.of(99, 1, 2, 3, 4).buffer));

    const { load } = tensorOf(await readOnnx(path), "w");

    expect([...load!()]).toEqual([1, 2, 3, 4]);
    truncateSync(join(folder, "w.bin"), 8);
    expect(() => load!()).toThrow(NetworkError);
  });

  it.each([
    ["a length that does not fit the shape", { ...SOUND, length: "12" }, /12 bytes of external data[\s\S]*16 bytes/],
    ["a range beyond the file", { ...SOUND, offset: "8" }, /bytes 8 to 24 of 20/],
    ["an offset that is no number", { ...SOUND, offset: "-4" }, /offset -4/],
    ["a huge offset", { ...SOUND, offset: "999999999999999999999" }, /offset 999/],
    ["no location", { offset: "4" }, /a relative path inside/],
    ["a location outside", { ...SOUND, location: "../w.bin" }, /without '\.\.'/],
  ] as [string, Record<string, string>, RegExp][])(
    "with external data of %s is refused",
    async (_, entries, message) => {
      const path = join(folder, "m.onnx");
      writeFileSync(path, externalModel(entries));
      writeFileSync(join(folder, "w.bin"), new Uint8Array(20));

      await expect(readOnnx(path)).rejects.toThrow(NetworkError);
      await expect(readOnnx(path)).rejects.toThrow(message);
    },
  );

  it("given as bytes cannot have external data", async () => {
    await expect(importOnnxBytes(externalModel(SOUND))).rejects.toThrow(/external data/);
  });

  it("is refused above the size that the caller allows", async () => {
    const path = join(folder, "m.onnx");
    writeFileSync(path, externalModel(SOUND));

    await expect(readOnnx(path, { maxFileBytes: 10 })).rejects.toThrow(/at most 10 bytes/);
  });

  it("cut anywhere is refused or read, never worse", async () => {
    const whole = modelBytes({
      inputs: [valueInfo("x", [2, 2])],
      nodes: [{ op: "Relu", in: ["x"], out: ["y"] }],
      outputs: ["y"],
    });

    for (let length = 0; length < whole.length; length++) {
      const settled = await importOnnxBytes(whole.slice(0, length)).catch((error: unknown) => error);
      if (settled instanceof Error) expect(settled).toBeInstanceOf(NetworkError);
    }
  });

  it("with a chain of 20,000 nodes is read without a deep stack", { timeout: 20_000 }, async () => {
    const count = 20_000;
    const nodes = Array.from({ length: count }, (_, index) => ({
      op: "Relu",
      in: [`v${index}`],
      out: [`v${index + 1}`],
    }));

    const network = await importOnnxBytes(
      modelBytes({ inputs: [valueInfo("v0", [4])], nodes, outputs: [`v${count}`] }),
    );

    expect(network.layers).toHaveLength(count);
  });
});
