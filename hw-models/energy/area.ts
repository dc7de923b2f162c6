/**
 * Area of what is modelled: PEs (multipliers, adders, shifters, multiplexers, registers), memories inside the array, buffers,
 * vector lanes. Arithmetic of other
 * widths is interpolated in log(area) over log(width). Left out, and said so: wiring, clock tree, control, pads, PHYs.
 */
import type { Design } from "../design.js";
import { inventoryOf } from "../pe-array/index.js";
import type { ArrayInventory } from "../pe-array/layer-values.js";
import { ALADDIN_40NM } from "./aladdin-40nm.js";
import type { SourceEntry } from "./energy-types.js";
import { HOROWITZ_45NM } from "./horowitz-45nm.js";
import { bankOf } from "./memory-energies.js";
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

/** A barrel shifter is a stage of multiplexers for each bit of its range; the figure is one of 32 bits by up to 31 places. */
function multiplexerUm2(bits: number, nodeNm: number): number {
  const figure = ALADDIN_40NM.shifterShift32Area;
  return bits * (scaledUm2(figure, nodeNm) / (figure.bits * Math.log2(figure.bits)));
}

/** Area of the arithmetic and registers of an array, its memories apart. */
export function logicUm2(inventory: ArrayInventory, nodeNm: number): number {
  const { intMult8Area, intMult32Area } = HOROWITZ_45NM;
  let area = registerUm2(inventory.registerBits, nodeNm) + multiplexerUm2(inventory.multiplexerBits, nodeNm);
  for (const { count, bits } of inventory.multipliers)
    area += count * atWidth(intMult8Area, intMult32Area, bits, nodeNm);
  for (const { count, bits } of inventory.adders) area += count * adderUm2(bits, nodeNm);
  for (const { count, bits, range } of inventory.shifters) {
    area += count * multiplexerUm2(bits * Math.ceil(Math.log2(range + 1)), nodeNm);
  }
  return area;
}

/** MACs of 8 bits, with a 32-bit adder, that are as large as the logic of an array. */
export function equivalentMacs(inventory: ArrayInventory, nodeNm: number): number {
  const mac = { multipliers: [{ count: 1, bits: 8 }], adders: [{ count: 1, bits: 32 }], shifters: [] };
  const one = { ...mac, multiplexerBits: 0, registerBits: 8 + 8 + 32, memories: [] };
  return logicUm2(inventory, nodeNm) / logicUm2(one, nodeNm);
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
  const { arithmetic, buffers, technology, units } = design;
  const inventory = inventoryOf(design);
  const { nodeNm } = technology;
  const arithmeticSource = `${HOROWITZ_45NM.intMult8Area.source}; ${HOROWITZ_45NM.intMult8Area.provenance}; registers ${ALADDIN_40NM.registerRead1Area.source}; to ${nodeNm} nm by Stillmaker & Baas 2017`;
  const sramSource = `CACTI 7, itrs-lstp, ${nearestCactiNode(nodeNm)} nm, per bank; to ${nodeNm} nm by Stillmaker & Baas 2017`;
  const parts: SourceEntry[] = [
    {
      entry: "area of the PEs",
      value: logicUm2(inventory, nodeNm),
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
  for (const { banks, capacityBytes, widthBits } of inventory.memories) {
    const value = sramUm2(nodeNm, banks, capacityBytes, widthBits);
    parts.push({ entry: "area of the accumulators", value, unit: "um2", source: sramSource });
  }
  return { areaUm2: parts.reduce((sum, part) => sum + part.value, 0), sources: parts };
}
