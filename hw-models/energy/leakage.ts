/**
 * Static power: SRAM banks (buffers, and accumulators below the array) by CACTI's low-standby-power cells, PEs by the
 * leakage row of an Accelergy table. The second opinion is the static power of the Eyeriss chip spread over its memory
 * bytes; the two differ a thousandfold, and the range says so. Power follows the supply linearly from the supply of its
 * source (constant current); nodes other than those of the source keep the power of the nearest one: the published scaling
 * polynomials are of switching power. Left out: temperature (300 K), power gating, vector unit and decoder.
 */
import type { Design } from "../design.js";
import { inventoryOf } from "../pe-array/index.js";
import type { ArrayInventory } from "../pe-array/layer-values.js";
import { ACCELERGY_45NM } from "./accelergy-45nm.js";
import { equivalentMacs } from "./area.js";
import { CACTI_SUPPLY_VOLTS } from "./cacti-sram.js";
import type { SourceEntry } from "./energy-types.js";
import { EYERISS_65NM } from "./eyeriss-65nm.js";
import { bankOf } from "./memory-energies.js";
import { estimateSram, nearestCactiNode } from "./sram-estimate.js";
import { processOf } from "./technology-scaling.js";

/** Bytes of memory on the Eyeriss chip: 108 KB of global buffer and 168 PEs with 0.5 KB (JSSC 2017). */
const EYERISS_MEMORY_BYTES = 108 * 1024 + 168 * 512;
const EYERISS_CLOCK_HZ = 200e6;
/** Cycle of the leakage row: the Aladdin table behind it is for 1 ns. */
const LEAK_CYCLE_SECONDS = 1e-9;

export interface LeakageEstimate {
  readonly nominal: number;
  readonly low: number;
  readonly high: number;
  readonly sources: readonly SourceEntry[];
}

/** Static power of all SRAM at the supply of CACTI's devices, and its bytes. */
function sramLeak(design: Design, cactiNode: number): { readonly watts: number; readonly bytes: number } {
  const { ifmap, weight, ofmap } = design.buffers;
  const groups = [ifmap, weight, ofmap].map((sram) => ({ banks: sram.banks, ...bankOf(sram) }));
  groups.push(...inventoryOf(design).memories);
  let watts = 0;
  let bytes = 0;
  for (const { banks, capacityBytes, widthBits } of groups) {
    watts += banks * estimateSram("leakMilliwatts", cactiNode, capacityBytes, widthBits).value * 1e-3;
    bytes += banks * capacityBytes;
  }
  return { watts, bytes };
}

/** An array without multipliers leaks like the MACs that are as large as it. */
function leakingMacs(inventory: ArrayInventory, nodeNm: number): number {
  const multipliers = inventory.multipliers.reduce((sum, { count }) => sum + count, 0);
  return multipliers > 0 ? multipliers : equivalentMacs(inventory, nodeNm);
}

/** Static power of memories and PEs at the design's supply, watts. */
export function estimateLeakage(design: Design): LeakageEstimate {
  const { nodeNm, supplyVolts } = design.technology;
  const cactiNode = nearestCactiNode(nodeNm);
  const cactiVolts = CACTI_SUPPLY_VOLTS[cactiNode]!;
  const sram = sramLeak(design, cactiNode);
  const sramWatts = sram.watts * (supplyVolts / cactiVolts);

  const { macLeak } = ACCELERGY_45NM;
  const pes = leakingMacs(inventoryOf(design), nodeNm);
  const peVolts = processOf(macLeak).supplyVolts;
  const peWatts = ((pes * macLeak.value * 1e-12) / LEAK_CYCLE_SECONDS) * (supplyVolts / peVolts);

  const chip = EYERISS_65NM.staticGbufRfLeak16;
  const wattsPerByte = (chip.value * 1e-12 * EYERISS_CLOCK_HZ) / EYERISS_MEMORY_BYTES;
  const chipWatts = sram.bytes * wattsPerByte * (supplyVolts / chip.supplyVolts);

  const supply = (volts: number): string => `linear in the supply, ${volts} -> ${supplyVolts} V`;
  return {
    nominal: sramWatts + peWatts,
    low: Math.min(sramWatts, chipWatts) + peWatts,
    high: Math.max(sramWatts, chipWatts) + peWatts,
    sources: [
      {
        entry: "leakage of the memories",
        value: sramWatts,
        unit: "W",
        source: `CACTI 7, itrs-lstp, ${cactiNode} nm, 300 K; ${supply(cactiVolts)}`,
      },
      {
        entry: "leakage of the PEs",
        value: peWatts,
        unit: "W",
        source: `${macLeak.source}; ${macLeak.provenance}; per PE and 1 ns at 45 nm; ${supply(peVolts)} (assumed)`,
      },
      {
        entry: "leakage of the memories (alternative 1)",
        value: chipWatts,
        unit: "W",
        source: `${chip.source}; ${chip.provenance}; 30 mW over ${EYERISS_MEMORY_BYTES} bytes of its memories; ${supply(chip.supplyVolts)}`,
      },
    ],
  };
}
