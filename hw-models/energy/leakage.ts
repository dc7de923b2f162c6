/**
 * Static power: SRAM banks by CACTI's low-standby-power cells, PEs by the leakage row of an Accelergy table. The second
 * opinion is the static power of the Eyeriss chip spread over its memory bytes, which a denser or faster process can
 * reach; the two differ a thousandfold, and the range says so. Power follows the supply linearly (constant current);
 * nodes other than those of the source keep the power of the nearest one. Left out: temperature (300 K), power gating.
 */
import type { Design } from "../design.js";
import { ACCELERGY_45NM } from "./accelergy-45nm.js";
import type { SourceEntry } from "./energy-types.js";
import { EYERISS_65NM } from "./eyeriss-65nm.js";
import { bankOf } from "./memory-energies.js";
import { estimateSram, nearestCactiNode } from "./sram-estimate.js";
import { NOMINAL_SUPPLY_VOLTS } from "./technology-scaling.js";

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

function sramLeakWatts(design: Design): { readonly watts: number; readonly bytes: number; readonly note: string } {
  const node = nearestCactiNode(design.technology.nodeNm);
  let watts = 0;
  let bytes = 0;
  for (const sram of [design.buffers.ifmap, design.buffers.weight, design.buffers.ofmap]) {
    const { capacityBytes, widthBits } = bankOf(sram);
    watts += sram.banks * estimateSram("leakMilliwatts", node, capacityBytes, widthBits).value * 1e-3;
    bytes += sram.capacityBytes;
  }
  return { watts, bytes, note: `CACTI 7, itrs-lstp, ${node} nm, 300 K` };
}

/** Static power of buffers and PEs at the design's supply, watts. */
export function estimateLeakage(design: Design): LeakageEstimate {
  const { nodeNm, supplyVolts } = design.technology;
  const supplyRatio = supplyVolts / NOMINAL_SUPPLY_VOLTS[nodeNm]!;
  const sram = sramLeakWatts(design);
  const { macLeak } = ACCELERGY_45NM;
  const pes = design.peArray.rows * design.peArray.cols;
  const peWatts = (pes * macLeak.value * 1e-12) / LEAK_CYCLE_SECONDS;
  const chip = EYERISS_65NM.staticGbufRfLeak16;
  const wattsPerByte = (chip.value * 1e-12 * EYERISS_CLOCK_HZ) / EYERISS_MEMORY_BYTES;
  const nominal = (sram.watts + peWatts) * supplyRatio;
  const alternative = (sram.bytes * wattsPerByte + peWatts) * supplyRatio;
  const supply = `, x ${supplyRatio.toFixed(3)} for the supply`;
  return {
    nominal,
    low: Math.min(nominal, alternative),
    high: Math.max(nominal, alternative),
    sources: [
      { entry: "leakage of the buffers", value: sram.watts * supplyRatio, unit: "W", source: `${sram.note}${supply}` },
      {
        entry: "leakage of the PEs",
        value: peWatts * supplyRatio,
        unit: "W",
        source: `${macLeak.source}; ${macLeak.provenance}; per PE and 1 ns${supply}`,
      },
      {
        entry: "leakage of the buffers (alternative 1)",
        value: sram.bytes * wattsPerByte * supplyRatio,
        unit: "W",
        source: `${chip.source}; ${chip.provenance}; 30 mW over ${EYERISS_MEMORY_BYTES} bytes of its memories${supply}`,
      },
    ],
  };
}
