/** Energies of memories: rows of the on-chip buffers and bytes of DRAM. */
import type { SramParameters } from "../buffer/buffer-parameters.js";
import type { DramPipeParameters } from "../dram/pipe-parameters.js";
import { type Opinion, opinionOf } from "./class-estimate.js";
import { DRAM_PER_BIT } from "./dram-per-bit.js";
import { HOROWITZ_45NM } from "./horowitz-45nm.js";
import { estimateSram, nearestCactiNode } from "./sram-estimate.js";
import { energyScale, NOMINAL_SUPPLY_VOLTS, nearestListedNode, type Process } from "./technology-scaling.js";
import type { UnitFigure } from "./unit-figure.js";

/** Capacity of one bank and width of one row. */
export function bankOf(sram: SramParameters): { readonly capacityBytes: number; readonly widthBits: number } {
  return { capacityBytes: Math.max(1, sram.capacityBytes / sram.banks), widthBits: 8 * sram.widthBytes };
}

/** The process whose CACTI points stand for a node, as the scaling tables know it. */
function cactiProcess(nodeNm: number): Process {
  const listed = nearestListedNode(nearestCactiNode(nodeNm));
  return { nodeNm: listed, supplyVolts: NOMINAL_SUPPLY_VOLTS[listed]! };
}

/** One row access of a bank: CACTI first, then Horowitz's cache reads over capacity, linear in width. */
export function sramRowOpinions(action: "read" | "write", sram: SramParameters, to: Process): Opinion[] {
  const { capacityBytes, widthBits } = bankOf(sram);
  const node = nearestCactiNode(to.nodeNm);
  const from = cactiProcess(to.nodeNm);
  const estimate = estimateSram(action === "read" ? "readPj" : "writePj", node, capacityBytes, widthBits);
  const scaled = from.nodeNm !== to.nodeNm || from.supplyVolts !== to.supplyVolts;
  const scaling = scaled
    ? `; ${from.supplyVolts} V assumed -> ${to.nodeNm} nm, ${to.supplyVolts} V, Stillmaker & Baas 2017`
    : "";
  return [
    { energyPj: estimate.value * energyScale(from, to), source: `${estimate.note}${scaling}` },
    horowitzCache(capacityBytes, widthBits, to),
  ];
}

function horowitzCache(capacityBytes: number, widthBits: number, to: Process): Opinion {
  const {
    sramCacheRead8192Bytes: small,
    sramCacheRead32768Bytes: middle,
    sramCacheRead1048576Bytes: large,
  } = HOROWITZ_45NM;
  const [left, right] = capacityBytes <= middle.sizeBytes ? [small, middle] : [middle, large];
  const slope = Math.log(right.value / left.value) / Math.log(right.sizeBytes / left.sizeBytes);
  const factor = (capacityBytes / left.sizeBytes) ** slope * (widthBits / left.bits);
  return opinionOf(
    left,
    to,
    factor,
    `cache read (tags included) carried to ${capacityBytes} bytes x ${widthBits} bits`,
  );
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
