/**
 * Shapes of topology files against the GEMMs that SCALE-Sim v3 simulated for the same rows (columns M, N, K of the
 * fixture): M ofmap positions, N filters, K taps times channels.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readCsvTable } from "../../sim/ir/import/csv-table.js";
import { parseTopologyCsv } from "../../sim/ir/import/topology-csv.js";
import type { MatrixLayer } from "../../sim/ir/layer.js";

const CONV_HEADER = "Layer, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Filters, Stride,";
const GEMM_HEADER = "Layer, M, N, K,";

async function rows(format: string) {
  const [header, ...body] = await readCsvTable(join(import.meta.dirname, "../fixtures/scalesim.csv"));
  const column = (name: string) => header!.cells.indexOf(name);
  const cellsOf = (names: readonly string[]) => (cells: readonly string[]) => names.map((name) => cells[column(name)]!);
  const chosen = body.map((row) => row.cells).filter((cells) => cells[column("input_format")] === format);
  return { chosen, cellsOf };
}

/** Every row as a layer; names are made unique and free of the depthwise mark. */
async function layersOf(header: string, lines: readonly (readonly string[])[]): Promise<MatrixLayer[]> {
  const text = [header, ...lines.map((cells, index) => `row${index}, ${cells.join(", ")},`)].join("\n");
  return (await parseTopologyCsv(text)).layers as MatrixLayer[];
}

const gemmOf = ({ bounds }: MatrixLayer) => [
  bounds.G * bounds.N * bounds.P * bounds.Q,
  bounds.K,
  bounds.C * bounds.R * bounds.S,
];

describe("topology rows", () => {
  it("of convolutions become the GEMM that the peer ran", async () => {
    const { chosen, cellsOf } = await rows("conv");
    const shape = cellsOf(["ifmap_h", "ifmap_w", "filter_h", "filter_w", "channels", "num_filters", "stride"]);

    const layers = await layersOf(CONV_HEADER, chosen.map(shape));

    expect(layers.length).toBeGreaterThan(20);
    expect(layers.map(gemmOf)).toEqual(chosen.map((cells) => cellsOf(["M", "N", "K"])(cells).map(Number)));
  });

  it("of products become the GEMM that the peer ran", async () => {
    const { chosen, cellsOf } = await rows("gemm");
    const shape = cellsOf(["M", "N", "K"]);

    const layers = await layersOf(GEMM_HEADER, chosen.map(shape));

    expect(layers.length).toBeGreaterThan(20);
    expect(layers.map(gemmOf)).toEqual(chosen.map((cells) => shape(cells).map(Number)));
  });
});
