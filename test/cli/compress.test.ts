/** `pj compress`, `pj list methods` and `pj show method` as a user runs them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { METHODS } from "../../algorithms/compression/index.js";
import { encodeOnnxModel } from "../../sim/ir/export/onnx.js";
import { tensorOf } from "../../sim/ir/tensor-data.js";
import { encodeNpy } from "../../traces/npy.js";
import { floats, modelBytes, valueInfo } from "../helpers/onnx-models.js";
import { runOnnxruntime } from "../helpers/onnxruntime.js";
import { randomNetwork } from "../helpers/random-networks.js";
import { CLI_MISSING, pj } from "../helpers/run-cli.js";

const network = randomNetwork("5");

describe.skipIf(CLI_MISSING !== undefined)(
  `pj compress${CLI_MISSING === undefined ? "" : ` (skipped: ${CLI_MISSING})`}`,
  () => {
    let folder = "";

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "pj-compress-"));
      writeFileSync(join(folder, "float.onnx"), encodeOnnxModel(network.model));
      const open = {
        inputs: [valueInfo("x", ["n", 4])],
        initializers: [floats("w", [4, 2], [1, 2, 3, 4, 5, 6, 7, 8])],
      };
      writeFileSync(
        join(folder, "open.onnx"),
        modelBytes({
          ...open,
          nodes: [{ op: "MatMul", in: ["x", "w"], out: ["y"] }],
          outputs: [valueInfo("y", ["n", 2])],
        }),
      );
      const images = tensorOf(
        [6, 4],
        "fp32",
        Array.from({ length: 24 }, (_, at) => at / 10 - 1),
      );
      writeFileSync(join(folder, "images.npy"), encodeNpy(images));
      writeFileSync(join(folder, "labels.npy"), encodeNpy(tensorOf([6], "int32", [0, 1, 0, 1, 0, 1])));
    });

    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const compress = (...args: string[]) => pj(["compress", ...args], { cwd: folder });

    it("writes a model that onnxruntime runs, and its statistics", async () => {
      const { code, stdout, stderr } = await compress("float.onnx", "--method", "magnitude:n=2,m=4", "--out", "sparse");

      expect(stderr).toBe("");
      expect(code).toBe(0);
      expect(stdout).toMatch(/^magnitude:n=2,m=4: \d+ layers, \d+ weights in \d+ bits/);
      expect(stdout).toContain("8 samples: normal noise, seed 0 (made up: not data of the model's kind)");
      expect(readdirSync(join(folder, "sparse")).sort()).toEqual(["compression.json", "model.onnx"]);
      const report = JSON.parse(readFileSync(join(folder, "sparse/compression.json"), "utf8"));
      expect(report).toMatchObject({ schema: "picojoule/compression@1", seed: "0", method: "magnitude:n=2,m=4" });
      const x = tensorOf(network.shape, "fp32", new Array(network.shape.reduce((a, b) => a * b, 1)).fill(0.5));
      const { y } = await runOnnxruntime(readFileSync(join(folder, "sparse/model.onnx")), { x });
      expect(y!.length).toBeGreaterThan(0);
    });

    it("prints one JSON document with --json, and writes the same bytes each time", async () => {
      const first = await compress("float.onnx", "--method", "int8", "--seed", "3", "--out", "a", "--json");
      const second = await compress("float.onnx", "--method", "int8", "--seed", "3", "--out", "b", "--json");

      expect(JSON.parse(first.stdout)).toMatchObject({ seed: "3", method: "int8", model: "float.onnx" });
      expect(second.stdout).toBe(first.stdout);
      expect(readFileSync(join(folder, "b/model.onnx"))).toEqual(readFileSync(join(folder, "a/model.onnx")));
    });

    it("calibrates with samples of a data set", async () => {
      const set = "npy:images=images.npy,labels=labels.npy";

      const { code, stdout, stderr } = await compress(
        ..."open.onnx --method int8 --out data --json --samples 4 --calibration".split(" "),
        set,
      );

      expect(stderr).toBe("");
      expect(code).toBe(0);
      const { calibration } = JSON.parse(stdout);
      expect(calibration).toMatchObject({ isSynthetic: false, samples: 4 });
      expect(calibration.source).toContain(set);
    });

    it("shows what each layer costs as coefficients and bases, and alone", async () => {
      const method = "smartdeal:keep=none,fit=outputs";

      const { code, stdout, stderr } = await compress(
        ...["float.onnx", "--method", method, "--accuracy-per-layer", "--out", "parts"],
      );

      expect(stderr).toBe("");
      expect(code).toBe(0);
      expect(stdout).toMatch(/^layer +rate +alone +weights +Ce zeros +no rows +error +clipped/);
      const { layers } = JSON.parse(readFileSync(join(folder, "parts/compression.json"), "utf8"));
      expect(
        layers.some(({ smartdeal }: { smartdeal?: { compressionRatio: number } }) => smartdeal !== undefined),
      ).toBe(true);
      for (const { name, outputsAlone } of layers) {
        expect(stdout).toMatch(new RegExp(`^${name.slice(0, 12)}`, "m"));
        expect(outputsAlone).toHaveLength(1);
      }
      const x = tensorOf(network.shape, "fp32", new Array(network.shape.reduce((a, b) => a * b, 1)).fill(0.5));
      const { y } = await runOnnxruntime(readFileSync(join(folder, "parts/model.onnx")), { x });
      expect(y!.length).toBeGreaterThan(0);
    });

    it.each([
      [
        "16-bit codes for integer operators",
        ["float.onnx", "--method", "smartdeal:weightBits=16", "--out", "x"],
        [/add form=qdq/],
      ],
      ["no method and no folder", ["float.onnx"], [/where: --method\n/, /where: --out\n/]],
      ["an unknown method", ["float.onnx", "--method", "in8", "--out", "x"], [/did you mean 'int8'/]],
      [
        "a parameter that changes nothing",
        ["float.onnx", "--method", "int8:percentile=99", "--out", "x"],
        [/percentile/],
      ],
      ["another kind of file", ["images.npy", "--method", "int8", "--out", "x"], [/a file ending in .onnx/]],
      ["a missing file", ["none.onnx", "--method", "int8", "--out", "x"], [/no such file/]],
      ["open axes without a shape", ["open.onnx", "--method", "int8", "--out", "x"], [/open axes/, /--shape x=/]],
      [
        "a shape beside a set",
        ["open.onnx", "--method", "int8", "--out", "x", "--shape", "x=1,4", "--calibration", "fashion-mnist"],
        [/where: --shape/],
      ],
      ["an unknown set", ["open.onnx", "--method", "int8", "--out", "x", "--calibration", "nope"], [/nope/]],
      ["a folder in the place of the model", ["float.onnx", "--method", "int8", "--out", "float.onnx"], [/--out/]],
    ])("refuses %s with exit 2 and writes nothing", async (_, args, messages) => {
      const { code, stdout, stderr } = await compress(...args);

      expect(code).toBe(2);
      expect(stdout).toBe("");
      for (const message of messages) expect(stderr).toMatch(message);
      expect(readdirSync(folder)).not.toContain("x");
    });

    it("lists the methods, and shows the parameters of one", async () => {
      const list = JSON.parse((await pj(["list", "methods", "--json"])).stdout);
      const shown = JSON.parse((await pj(["show", "method", "magnitude", "--json"])).stdout);

      expect(list.map(({ name }: { readonly name: string }) => name)).toEqual(Object.keys(METHODS));
      expect(shown.parameters.map(({ name }: { readonly name: string }) => name)).toEqual(
        expect.arrayContaining(["n", "m", "bits", "granularity", "activations", "calibration", "percentile", "form"]),
      );
      expect((await pj(["show", "method", "INT8"])).stdout).toContain("symmetric");
    });
  },
);
