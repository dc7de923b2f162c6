/**
 * The peer's output-stationary mesh: our mesh, fold by fold, with what the peer adds. A tile is configured, passes the distribution (a cycle
 * more where lanes share a port) and accumulators, and its sums the memory's queue, of which half is retired each cycle.
 */
import { leavingCycles } from "../../../hw-models/pe-array/os-mesh/fold-schedule.js";
import { OsMeshArray } from "../../../hw-models/pe-array/os-mesh/os-mesh.js";
import { type OsMeshParameters, osMeshTable } from "../../../hw-models/pe-array/os-mesh/os-mesh-parameters.js";
import { UnsupportedError } from "../../core/errors.js";
import { ceilDiv } from "../../core/integers.js";
import type { MeshCase } from "./stonne-case.js";
import type { StonneFigures } from "./stonne-figures.js";
import { lastRetired } from "./write-back.js";

/** Configuring, distribution, accumulating, and one because our cycles of a fold are counted from 0. */
const TILE_CYCLES = 4;

/** @throws UnsupportedError for a mesh that is larger than our model goes */
export function meshFigures(run: MeshCase): StonneFigures {
  const { M, N, K, tileM, tileN } = run;
  const mesh = meshOf(run);
  // Tiles smaller than the mesh are folds of a mesh of their size, behind the ports of the whole one.
  const array = new OsMeshArray({ ...mesh, rows: tileM, cols: tileN }, ARITHMETIC);
  const timing = array.timeTile({ rows: M, columns: N, reduction: K });
  return {
    cycles: meshCycles(run, mesh),
    sram_weight_reads: timing.weightReads,
    sram_input_reads: timing.ifmapReads,
    sram_psum_reads: timing.psumReads,
    sram_psum_writes: timing.ofmapWrites,
    reconfigurations: timing.folds,
    multiplications: timing.macOps,
    adder_ops: 0,
    // The first product of a sum is stored, the others are added.
    accumulator_ops: timing.macOps - timing.ofmapWrites,
  };
}

const ARITHMETIC = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;

function meshOf({ rows, cols, readPorts, writePorts, tileM, tileN }: MeshCase): OsMeshParameters {
  const widths = { activationBits: 16, weightBits: 16 };
  const parsed = osMeshTable.safeParse({ kind: "os-mesh", rows, cols, readPorts, writePorts, ...widths });
  if (parsed.success && tileM <= rows && tileN <= cols) return parsed.data;
  throw new UnsupportedError({
    where: "ms_rows, ms_cols, dn_bw, rn_bw, T_M, T_N",
    got: `${rows} x ${cols} with ${readPorts} and ${writePorts} ports, tiles of ${tileM} x ${tileN}`,
    want: "a mesh that a design can have, and tiles that it holds",
    fix: "take the row out of the table",
  });
}

function meshCycles({ M, N, K, tileM, tileN }: MeshCase, mesh: OsMeshParameters): number {
  const sharedPort = mesh.rows + mesh.cols > mesh.readPorts ? 1 : 0;
  let cycles = 0;
  for (const down of partsOf(M, tileM)) {
    for (const across of partsOf(N, tileN)) {
      const leaving = leavingCycles(mesh, { rows: down.extent, cols: across.extent, reduction: K });
      cycles += down.count * across.count * (TILE_CYCLES + sharedPort + lastRetired(leaving));
    }
  }
  return cycles;
}

function partsOf(length: number, part: number): { readonly extent: number; readonly count: number }[] {
  const parts = [
    { extent: part, count: Math.floor(length / part) },
    { extent: length % part, count: ceilDiv(length, part) - Math.floor(length / part) },
  ];
  return parts.filter(({ count }) => count > 0);
}
