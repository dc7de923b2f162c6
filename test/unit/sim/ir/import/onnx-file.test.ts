import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NetworkError } from "../../../../../sim/core/errors.js";
import { openExternalData, readModelFile } from "../../../../../sim/ir/import/onnx-file.js";

let folder: string;
let modelPath: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "onnx-file-"));
  mkdirSync(join(folder, "models", "data"), { recursive: true });
  modelPath = join(folder, "models", "m.onnx");
  writeFileSync(modelPath, Uint8Array.of(1, 2, 3));
  writeFileSync(join(folder, "models", "data", "w.bin"), Uint8Array.of(10, 11, 12, 13, 14, 15, 16, 17));
  writeFileSync(join(folder, "secret.bin"), Uint8Array.of(1, 2, 3, 4));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe("the model file", () => {
  it("is read whole", async () => {
    expect([...(await readModelFile(modelPath, 3))]).toEqual([1, 2, 3]);
  });

  it("is refused when it is larger than the limit", async () => {
    await expect(readModelFile(modelPath, 2)).rejects.toThrow(/a file of 3 bytes[\s\S]*at most 2 bytes/);
  });

  it("is refused when it is missing, a directory or empty", async () => {
    writeFileSync(join(folder, "empty.onnx"), "");

    await expect(readModelFile(join(folder, "none.onnx"), 9)).rejects.toThrow(/no such file/);
    await expect(readModelFile(folder, 9)).rejects.toThrow(/a directory/);
    await expect(readModelFile(join(folder, "empty.onnx"), 9)).rejects.toThrow(/an empty file/);
    await expect(readModelFile(join(folder, "none.onnx"), 9)).rejects.toThrow(NetworkError);
  });
});

describe("external data", () => {
  const open = (location: string, offsetBytes = 0, lengthBytes?: number) =>
    openExternalData(modelPath, { location, offsetBytes, ...(lengthBytes !== undefined && { lengthBytes }) }, "t");

  it("is read by range inside the model's folder", () => {
    const data = open("data/w.bin", 2, 3);

    expect(data.lengthBytes).toBe(3);
    expect([...data.read()]).toEqual([12, 13, 14]);
  });

  it("reaches to the end of the file without a length", () => {
    expect([...open("data/w.bin", 6).read()]).toEqual([16, 17]);
  });

  it("accepts a range that ends with the file and refuses one byte more", () => {
    expect(() => open("data/w.bin", 4, 4)).not.toThrow();
    expect(() => open("data/w.bin", 4, 5)).toThrow(/bytes 4 to 9 of 8/);
    expect(() => open("data/w.bin", 9)).toThrow(NetworkError);
  });

  it.each(["../secret.bin", "data/../../secret.bin", "..\\secret.bin", "/etc/hostname", "C:\\x", "", "a\0b"])(
    "refuses the location %j",
    (location) => {
      expect(() => open(location)).toThrow(NetworkError);
    },
  );

  it("refuses a link out of the folder", () => {
    symlinkSync(join(folder, "secret.bin"), join(folder, "models", "link.bin"));

    expect(() => open("link.bin")).toThrow(/a link that leaves the model's folder/);
  });

  it("follows a link inside the folder", () => {
    symlinkSync(join(folder, "models", "data", "w.bin"), join(folder, "models", "link.bin"));

    expect(open("link.bin", 0, 1).lengthBytes).toBe(1);
  });

  it("refuses a missing file and a directory", () => {
    expect(() => open("none.bin")).toThrow(/no such file/);
    expect(() => open("data")).toThrow(/not a plain file/);
  });

  it("is checked again when it is read", () => {
    const data = open("data/w.bin", 0, 8);
    truncateSync(join(folder, "models", "data", "w.bin"), 4);

    expect(() => data.read()).toThrow(/became shorter/);
  });
});
