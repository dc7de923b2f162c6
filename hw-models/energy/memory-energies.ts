/** Energies of memories: rows of the on-chip buffers and bytes of DRAM. */
import type { SramParameters } from "../buffer/buffer-parameters.js";
import type { DramPipeParameters } from "../dram/pipe-parameters.js";
import { CACTI_SUPPLY_VOLTS } from "./cacti-sram.js";
import { type Opinion, opinionOf } from "./class-estimate.js";
import { DRAM_PER_BIT } from "./dram-per-bit.js";
import { HOROWITZ_45NM } from "./horowitz-45nm.js";
import { estimateSram, nearestCactiNode } from "./sram-estimate.js";
import { energyScale, nearestListedNode, type Process } from "./technology-scaling.js";
import { TPUV4I_7NM, TPUV4I_HIGHEST_NODE_NM } from "./tpuv4i-7nm.js";
import type { UnitFigure } from "./unit-figure.js";

/** Capacity of one bank and width of one row. */
export function bankOf(sram: SramParameters): { readonly capacityBytes: number; readonly widthBits: number } {
  return { capacityBytes: Math.max(1, sram.capacityBytes / sram.banks), widthBits: 8 * sram.widthBytes };
}

/** The process whose CACTI points stand for a node, as the scaling tables know it, at the supply that CACTI used. */
function cactiProcess(nodeNm: number): Process {
  const cactiNode = nearestCactiNode(nodeNm);
  return { nodeNm: nearestListedNode(cactiNode), supplyVolts: CACTI_SUPPLY_VOLTS[cactiNode]! };
}

/** One row access of a bank: CACTI first, then published reads over capacity, linear in width, writes charged as reads. */
export function sramRowOpinions(action: "read" | "write", sram: SramParameters, to: Process): Opinion[] {
  const { capacityBytes, widthBits } = bankOf(sram);
  const from = cactiProcess(to.nodeNm);
  const estimate = estimateSram(
    action === "read" ? "readPj" : "writePj",
    nearestCactiNode(to.nodeNm),
    capacityBytes,
    widthBits,
  );
  const scaled = from.nodeNm !== to.nodeNm || from.supplyVolts !== to.supplyVolts;
  const scaling = `${from.nodeNm} nm, ${from.supplyVolts} V${scaled ? ` -> ${to.nodeNm} nm, ${to.supplyVolts} V, Stillmaker & Baas 2017` : ""}`;
  const cacti = { energyPj: estimate.value * energyScale(from, to), source: `${estimate.note}; ${scaling}` };
  const caches = [
    HOROWITZ_45NM.sramCacheRead8192Bytes,
    HOROWITZ_45NM.sramCacheRead32768Bytes,
    HOROWITZ_45NM.sramCacheRead1048576Bytes,
  ] as const;
  const opinions = [cacti, readOverCapacity(caches, "cache read (tags included)", capacityBytes, widthBits, to)];
  if (to.nodeNm > TPUV4I_HIGHEST_NODE_NM) return opinions;
  const srams = [TPUV4I_7NM.sramRead8192Bytes, TPUV4I_7NM.sramRead32768Bytes, TPUV4I_7NM.sramRead1048576Bytes] as const;
  return [...opinions, readOverCapacity(srams, "SRAM read", capacityBytes, widthBits, to)];
}

type SizedFigure = UnitFigure & { readonly bits: number; readonly sizeBytes: number };

/** A read of some capacity and width from figures at three capacities: straight in logarithms over capacity. */
function readOverCapacity(
  [small, middle, large]: readonly [SizedFigure, SizedFigure, SizedFigure],
  what: string,
  capacityBytes: number,
  widthBits: number,
  to: Process,
): Opinion {
  const [left, right] = capacityBytes <= middle.sizeBytes ? [small, middle] : [middle, large];
  const slope = Math.log(right.value / left.value) / Math.log(right.sizeBytes / left.sizeBytes);
  const factor = (capacityBytes / left.sizeBytes) ** slope * (widthBits / left.bits);
  return opinionOf(left, to, factor, `${what} carried to ${capacityBytes} bytes x ${widthBits} bits`);
}

/** Figures of a memory technology, the one taken as nominal first. */
const DRAM_FIGURES: Readonly<Record<DramPipeParameters["technology"], readonly UnitFigure[]>> = {
  DDR3: [DRAM_PER_BIT.ddr3Device, DRAM_PER_BIT.ddr3System, HOROWITZ_45NM.dramAccessMin64],
  DDR4: [DRAM_PER_BIT.ddr4Device, HOROWITZ_45NM.dramAccessMin64, HOROWITZ_45NM.dramAccessMax64],
  LPDDR4: [DRAM_PER_BIT.lpddr4, DRAM_PER_BIT.lpddr4Simulated],
  GDDR5: [DRAM_PER_BIT.gddr5, DRAM_PER_BIT.gddr5Paper],
  HBM2: [DRAM_PER_BIT.hbm2, DRAM_PER_BIT.hbm2Paper],
};

/** Moving one byte to or from DRAM. The memory has a process and supply of its own: nothing is scaled. */
export function dramByteOpinions(technology: DramPipeParameters["technology"]): Opinion[] {
  return DRAM_FIGURES[technology].map((figure) => ({
    energyPj: (8 * figure.value) / (figure.bits ?? 1),
    source: `${figure.source}; ${figure.provenance}; ${figure.value} ${figure.unit} per ${figure.bits ?? 1} bit, not scaled`,
  }));
}
