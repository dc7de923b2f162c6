/**
 * Area of what is modelled: PEs (multiplier, adder, registers), accumulators, buffers, vector lanes. Arithmetic of other
 * widths is interpolated in log(area) over log(width). Left out, and said so: wiring, clock tree, control, pads, PHYs.
 */
import type { Design } from "../design.js";
import { ALADDIN_40NM } from "./aladdin-40nm.js";
import type { SourceEntry } from "./energy-types.js";
import { HOROWITZ_45NM } from "./horowitz-45nm.js";
import { accumulatorBanks, bankOf } from "./memory-energies.js";
import { estimateSram, nearestCactiNode } from "./sram-estimate.js";
import { areaScale, nearestListedNode, processOf } from "./technology-scaling.js";
import type { UnitFigure } from "./unit-figure.js";

const UM2_PER_MM2 = 1e6;

function scaledUm2(figure: UnitFigure, nodeNm: number): number {
  return figure.value * areaScale(processOf(figure).nodeNm, nodeNm);
}

function atWidth(small: UnitFigure, large: UnitFigure, bits: number, nodeNm: number): number {
  const slope = Math.log(large.value / small.value) / Math.log(large.bits! / small.bits!);
  return scaledUm2(small, nodeNm) * (bits / small.bits!) ** slope;
}

function adderUm2(bits: number, nodeNm: number): number {
  return atWidth(HOROWITZ_45NM.intAdd8Area, HOROWITZ_45NM.intAdd32Area, bits, nodeNm);
}

function registerUm2(bits: number, nodeNm: number): number {
  return bits * scaledUm2(ALADDIN_40NM.registerRead1Area, nodeNm);
}

/** One PE: its operands and psum in registers, shadow weights and pipeline stages where it has them. */
function peUm2(design: Design): number {
  const { peArray, arithmetic, technology } = design;
  const width = Math.sqrt(peArray.activationBits * peArray.weightBits);
  const shadowBits = peArray.dataflow !== "os" && peArray.weightPreload === "shadow" ? peArray.weightBits : 0;
  const registerBits =
    peArray.activationBits + peArray.weightBits + shadowBits + peArray.macPipelineStages * arithmetic.accumulatorBits;
  return (
    atWidth(HOROWITZ_45NM.intMult8Area, HOROWITZ_45NM.intMult32Area, width, technology.nodeNm) +
    adderUm2(arithmetic.accumulatorBits, technology.nodeNm) +
    registerUm2(registerBits, technology.nodeNm)
  );
}

/** SRAM of some banks. */
function sramUm2(nodeNm: number, banks: number, capacityBytes: number, widthBits: number): number {
  const node = nearestCactiNode(nodeNm);
  const bank = estimateSram("areaMm2", node, capacityBytes, widthBits).value * UM2_PER_MM2;
  return banks * bank * areaScale(nearestListedNode(node), nodeNm);
}

export interface AreaEstimate {
  readonly areaUm2: number;
  readonly sources: readonly SourceEntry[];
}

/** Area of the modelled blocks at the design's node. */
export function estimateArea(design: Design): AreaEstimate {
  const { peArray, arithmetic, buffers, technology, units } = design;
  const { nodeNm } = technology;
  const arithmeticSource = `${HOROWITZ_45NM.intMult8Area.source}; ${HOROWITZ_45NM.intMult8Area.provenance}; registers ${ALADDIN_40NM.registerRead1Area.source}; to ${nodeNm} nm by Stillmaker & Baas 2017`;
  const sramSource = `CACTI 7, itrs-lstp, ${nearestCactiNode(nodeNm)} nm, per bank; to ${nodeNm} nm by Stillmaker & Baas 2017`;
  const parts: SourceEntry[] = [
    {
      entry: "area of the PEs",
      value: peArray.rows * peArray.cols * peUm2(design),
      unit: "um2",
      source: arithmeticSource,
    },
    {
      entry: "area of the vector lanes",
      value:
        units.vector.lanes *
        (adderUm2(arithmetic.accumulatorBits, nodeNm) + registerUm2(arithmetic.accumulatorBits, nodeNm)),
      unit: "um2",
      source: arithmeticSource,
    },
  ];
  for (const name of ["ifmap", "weight", "ofmap"] as const) {
    const { capacityBytes, widthBits } = bankOf(buffers[name]);
    const value = sramUm2(nodeNm, buffers[name].banks, capacityBytes, widthBits);
    parts.push({ entry: `area of the ${name} buffer`, value, unit: "um2", source: sramSource });
  }
  const accumulators = accumulatorBanks(design);
  if (accumulators !== undefined) {
    const value = sramUm2(nodeNm, accumulators.banks, accumulators.capacityBytes, accumulators.widthBits);
    parts.push({ entry: "area of the accumulators", value, unit: "um2", source: sramSource });
  }
  return { areaUm2: parts.reduce((sum, part) => sum + part.value, 0), sources: parts };
}
