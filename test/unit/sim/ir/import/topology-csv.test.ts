import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { NetworkError } from "../../../../../sim/core/errors.js";
import { parseTopologyCsv, readTopologyCsv } from "../../../../../sim/ir/import/topology-csv.js";
import type { MatrixLayer } from "../../../../../sim/ir/layer.js";
import { networkMacs } from "../../../../../sim/ir/network.js";

const CONV = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,";
const GEMM = "Layer, M, N, K,";

const first = async (...lines: string[]) => (await parseTopologyCsv(lines.join("\n"))).layers[0] as MatrixLayer;

describe("a topology of convolutions", () => {
  it("gives loop bounds and a window without padding where the stride fits", async () => {
    // AlexNet's first layer: ceil((227 - 11 + 4)/4) = 55
    const layer = await first(CONV, "Conv1, 227, 227, 11, 11, 3, 96, 4,");

    expect(layer.bounds).toEqual({ G: 1, N: 1, K: 96, C: 3, P: 55, Q: 55, R: 11, S: 11 });
    expect(layer.window).toMatchObject({ strideHeight: 4, padTop: 0, padLeft: 0, padBottom: 0, padRight: 0 });
  });

  it("keeps the partial last window by padding below and on the right", async () => {
    // ceil((56 - 1 + 2)/2) = 29: the last window starts at 56, one row past the ifmap.
    const layer = await first(CONV, "down, 56, 56, 1, 1, 64, 128, 2,");

    expect(layer.bounds).toMatchObject({ P: 29, Q: 29 });
    expect(layer.window).toMatchObject({ padBottom: 1, padRight: 1 });
  });

  it("counts MACs of all layers", async () => {
    const network = await parseTopologyCsv([CONV, "a, 6, 5, 3, 3, 2, 4, 1,", "b, 4, 4, 2, 2, 1, 1, 2,"].join("\n"));

    // a: 4x3 outputs, 4 filters, 3x3x2 = 864; b: 2x2 outputs, 1 filter, 2x2 = 16
    expect(networkMacs(network)).toBe(864 + 16);
  });

  it("makes a depthwise layer of a name with DP, with the given filters for each channel", async () => {
    const network = await parseTopologyCsv([CONV, "Conv_DP_2, 10, 10, 3, 3, 8, 2, 1,"].join("\n"));

    expect((network.layers[0] as MatrixLayer).bounds).toEqual({ G: 8, N: 1, K: 2, C: 1, P: 8, Q: 8, R: 3, S: 3 });
    expect(network.tensors.get("Conv_DP_2/weight")!.shape).toEqual([16, 1, 3, 3]);
  });

  it("puts the N:M column on the weights", async () => {
    const network = await parseTopologyCsv(
      [`${CONV} Sparsity,`, "a, 6, 6, 3, 3, 4, 4, 1, 2:4,", "b, 6, 6, 3, 3, 4, 4, 1, 4:4,"].join("\n"),
    );

    expect(network.tensors.get("a/weight")!.encoding).toEqual({ name: "nm", parameters: { n: 2, m: 4 } });
    expect(network.tensors.get("b/weight")!.encoding).toBeUndefined();
  });
});

describe("a topology of products", () => {
  it("gives M rows, N columns and a reduction of K", async () => {
    const network = await parseTopologyCsv([GEMM, "fc, 8, 1000, 512,"].join("\n"));
    const layer = network.layers[0] as MatrixLayer;

    expect(layer.bounds.N * layer.bounds.P * layer.bounds.Q).toBe(8);
    expect(layer.bounds).toMatchObject({ G: 1, K: 1000, C: 512, R: 1, S: 1 });
    expect(networkMacs(network)).toBe(8 * 1000 * 512);
  });
});

describe("the text around it", () => {
  it.each([
    ["a byte order mark and Windows line ends", `\uFEFF${GEMM}\r\nfc, 2, 3, 4,\r\n`],
    ["no trailing comma and no final line end", "Layer, M, N, K\nfc, 2, 3, 4"],
    ["quoted cells", `${GEMM}\n"fc","2",3, 4 ,\n`],
    ["empty lines", `\n${GEMM}\n\nfc,2,3,4,\n \n`],
  ])("may have %s", async (_, text) => {
    const network = await parseTopologyCsv(text);

    expect(network.layers.map((layer) => layer.name)).toEqual(["fc"]);
    expect(networkMacs(network)).toBe(24);
  });

  it.each([
    ["an empty file", "", /an empty file/],
    ["a header alone", GEMM, /a header without layers/],
    ["no header", "fc, 2, 3, 4,\nfd, 2, 3, 4,", /"?t"?:1:1[\s\S]*the header 'Layer name/],
    ["a header of another width", "a, b, c\nx, 1, 2", /3 columns/],
    ["a missing column", `${GEMM}\nfc, 2, 3,`, /t:2:10[\s\S]*3 cells/],
    ["NaN", `${GEMM}\nfc, 2, NaN, 4,`, /t:2:8 N[\s\S]*NaN/],
    ["a negative number", `${GEMM}\nfc, -2, 3, 4,`, /t:2:5 M[\s\S]*-2/],
    ["zero", `${GEMM}\nfc, 2, 3, 0,`, /t:2:11 K/],
    ["a fraction", `${GEMM}\nfc, 2.5, 3, 4,`, /2\.5/],
    ["a huge number", `${GEMM}\nfc, 2, 3, 99999999999999999999,`, /1 to 1000000/],
    ["an exponent", `${GEMM}\nfc, 1e3, 3, 4,`, /1e3/],
    ["an open quote", `${GEMM}\n"fc, 2, 3, 4,`, /t:2[\s\S]*quotes closed/],
    ["a name twice", `${GEMM}\nfc, 2, 3, 4,\nfc, 2, 3, 4,`, /t:3:1[\s\S]*a second layer fc/],
    ["no name", `${GEMM}\n, 2, 3, 4,`, /no name/],
    ["a filter larger than the ifmap", `${CONV}\na, 2, 2, 3, 3, 1, 1, 1,`, /a 3x3 filter on a 2x2 ifmap/],
    ["an impossible ratio", `${CONV} s,\na, 4, 4, 3, 3, 1, 1, 1, 5:4,`, /5:4/],
    ["a ratio of words", `${CONV} s,\na, 4, 4, 3, 3, 1, 1, 1, dense,`, /as in 2:4/],
  ])("may not have %s", async (_, text, message) => {
    await expect(parseTopologyCsv(text, "t")).rejects.toThrow(NetworkError);
    await expect(parseTopologyCsv(text, "t")).rejects.toThrow(message);
  });

  it("reports every faulty cell at once", async () => {
    const text = `${GEMM}\na, x, 3, 4,\nb, 2, y, z,`;

    const error = await parseTopologyCsv(text).catch((reason: unknown) => reason);

    expect((error as NetworkError).issues).toHaveLength(3);
  });

  it("comes from a file, named by its path in errors", async () => {
    const folder = mkdtempSync(join(tmpdir(), "topology-"));
    const path = join(folder, "net.csv");
    writeFileSync(path, `${GEMM}\nfc, 2, 3, 4,`);

    const network = await readTopologyCsv(path);
    const missing = readTopologyCsv(join(folder, "none.csv"));

    expect(network.name).toBe("net");
    await expect(missing).rejects.toThrow(/no such file/);
    await expect(readTopologyCsv(folder)).rejects.toThrow(/not a plain file/);
    rmSync(folder, { recursive: true });
  });
});
