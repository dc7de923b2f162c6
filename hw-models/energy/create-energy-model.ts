/**
 * The energy model of a design: every action class with its range and sources at the design's node and supply. Overrides of
 * the design replace a class. A class without a source is an error, never zero.
 */
import { ConfigError, quoteForMessage } from "../../sim/core/errors.js";
import { nearestSpelling } from "../../sim/core/nearest-spelling.js";
import type { Design } from "../design.js";
import { deviceOf } from "../dram/dram-plan.js";
import { crossbarBitsOf, serialOperandOf, shiftedBitsOf } from "../pe-array/index.js";
import { NO_VALUED_COUNTS, type ValuedAction } from "../pe-array/layer-values.js";
import { estimateArea } from "./area.js";
import { type ClassEstimate, estimateClass, type Opinion } from "./class-estimate.js";
import {
  bitProductOpinions,
  brickOpinions,
  crossbarOpinions,
  decodeOpinions,
  digitOpinions,
  indexOpinions,
  macOpinions,
  multiplexerOpinions,
  registerOpinions,
  shiftAddOpinions,
  treeSumOpinions,
  vectorOpinions,
} from "./datapath-energies.js";
import { type DramAction, dramDeviceClasses, dramPipeClasses } from "./dram-device-energies.js";
import type { ActionEnergy, EnergyModel } from "./energy-model.js";
import { ACTIONS, type ActionName, type EnergyComponent, type NotModelled } from "./energy-types.js";
import { estimateLeakage } from "./leakage.js";
import { dramByteOpinions, sramRowOpinions } from "./memory-energies.js";
import type { Process } from "./technology-scaling.js";

/** Where each action's energy is put. */
const COMPONENT_OF: Readonly<Record<ActionName, EnergyComponent>> = {
  macOps: "mac",
  boothDigitOps: "mac",
  shiftAddOps: "mac",
  brickOps: "mac",
  bitProducts: "mac",
  treeSums: "mac",
  operandRegisterWrites: "registers",
  psumRegisterWrites: "registers",
  ifmapBufferReads: "ifmapBuffer",
  ifmapBufferWrites: "ifmapBuffer",
  weightBufferReads: "weightBuffer",
  weightBufferWrites: "weightBuffer",
  ofmapBufferReads: "ofmapBuffer",
  ofmapBufferWrites: "ofmapBuffer",
  vectorOps: "vectorUnit",
  decodedWeights: "weightDecoder",
  rebuildShiftAdds: "weightDecoder",
  indexEntries: "indexUnit",
  crossbarTransfers: "indexUnit",
  selectedBits: "indexUnit",
  dramWeightReadBytes: "dram",
  dramMetadataReadBytes: "dram",
  dramIfmapReadBytes: "dram",
  dramPsumReadBytes: "dram",
  dramPsumWriteBytes: "dram",
  dramOfmapWriteBytes: "dram",
  dramWeightActivates: "dram",
  dramIfmapActivates: "dram",
  dramOfmapActivates: "dram",
  dramRefreshes: "dram",
  dramBankRefreshes: "dram",
  dramActiveStandbyCycles: "dram",
  dramPrechargeStandbyCycles: "dram",
  dramActivePowerDownCycles: "dram",
  dramPrechargePowerDownCycles: "dram",
  dramSelfRefreshCycles: "dram",
};

/** Width of a weight while it is rebuilt: 8-bit bases, seven exponents, sums of three. */
const REBUILD_BITS = 16;

const NOT_MODELLED: readonly NotModelled[] = [
  {
    what: "clock tree and control",
    reason: "no source per action; grows with the floorplan, which is not modelled yet",
  },
  {
    what: "wires between buffers and array",
    reason:
      "no floorplan yet; forwarding between PEs is charged as registers, and each bank as an SRAM of its own (CACTI's wires " +
      "from several banks to one port would cost 0.4 to 3.8 times a bank's read on top)",
  },
  { what: "idle and gated PEs", reason: "only active MACs are charged; no source for the clocking of an idle PE" },
  { what: "leakage of the vector unit and decoder", reason: "no source; small beside buffers and PEs" },
  { what: "temperature of leakage", reason: "figures are at 300 K; the sources give no other" },
  { what: "area and energy of line-buffer rows, area of the weight decoder", reason: "no gate counts yet" },
  { what: "area of wiring, clock, control and pads", reason: "no floorplan yet" },
  { what: "area and leakage of the DRAM PHY", reason: "no source; figures per bit of DRAM may hold its switching" },
];

function dramClasses(dram: Design["dram"]): Record<DramAction, ClassEstimate> {
  if (dram.kind === "device") return dramDeviceClasses(deviceOf(dram));
  return dramPipeClasses(
    estimateClass(`byte over the ${dram.technology} bus`, dramByteOpinions(dram.technology), "pJ/byte"),
  );
}

/** What the memory of a design leaves out. */
function memoryNotModelled(dram: Design["dram"]): NotModelled {
  return dram.kind === "pipe"
    ? {
        what: "DRAM background, refresh, activate and interface apart",
        reason: "the DRAM pipe charges one figure per bit and has no rows or idle states",
      }
    : {
        what: "DRAM interface and termination",
        reason:
          "no source gives the termination of these parts; the device's own supply is charged by state and command",
      };
}

/** Classes of the actions, each estimated once. */
function estimateClasses(design: Design): Record<ActionName, ClassEstimate> {
  const { peArray, arithmetic, buffers, dram, technology } = design;
  const to = { nodeNm: technology.nodeNm, supplyVolts: technology.supplyVolts };
  const { activationBits, weightBits } = peArray;
  const { accumulatorBits } = arithmetic;
  const row = (name: "ifmap" | "weight" | "ofmap", action: "read" | "write"): ClassEstimate =>
    estimateClass(`${action} of a row of the ${name} buffer`, sramRowOpinions(action, buffers[name], to));
  const operandBits = (activationBits + weightBits) / 2;
  return {
    macOps: estimateClass("MAC", macOpinions(activationBits, weightBits, accumulatorBits, to)),
    operandRegisterWrites: estimateClass("operand register write", registerOpinions(operandBits, to)),
    psumRegisterWrites: estimateClass("psum register write", registerOpinions(accumulatorBits, to)),
    ifmapBufferReads: row("ifmap", "read"),
    ifmapBufferWrites: row("ifmap", "write"),
    weightBufferReads: row("weight", "read"),
    weightBufferWrites: row("weight", "write"),
    ofmapBufferReads: row("ofmap", "read"),
    ofmapBufferWrites: row("ofmap", "write"),
    vectorOps: estimateClass("vector operation", vectorOpinions(accumulatorBits, to)),
    decodedWeights: estimateClass("decoded weight", decodeOpinions(weightBits, to)),
    boothDigitOps: estimateClass("Booth digit", digitOpinions(activationBits, weightBits, accumulatorBits, to)),
    shiftAddOps: estimateClass("shift and accumulation", shiftAddOpinions(shiftedBitsOf(peArray), accumulatorBits, to)),
    brickOps: estimateClass("product of two digits of 2 bits", brickOpinions(to)),
    bitProducts: estimateClass("bit times an operand", bitProductsOf(design, to)),
    treeSums: estimateClass("accumulation of a tree's sum", treeSumOpinions(accumulatorBits, to)),
    rebuildShiftAdds: estimateClass(
      "shift and addition of a rebuild",
      shiftAddOpinions(REBUILD_BITS, REBUILD_BITS, to),
    ),
    indexEntries: estimateClass("entry of an index", indexOpinions(to)),
    crossbarTransfers: estimateClass("transfer through a crossbar", crossbarOpinions(crossbarBitsOf(design), to)),
    selectedBits: estimateClass("bit through a stage of a multiplexer", multiplexerOpinions(to)),
    ...dramClasses(dram),
  };
}

function bitProductsOf({ peArray }: Design, to: Process): Opinion[] {
  const { activationBits, weightBits } = peArray;
  return serialOperandOf(peArray) === "weight"
    ? bitProductOpinions(activationBits, weightBits, to)
    : bitProductOpinions(weightBits, activationBits, to);
}

/** @throws ConfigError for an override of an action that does not exist */
function applyOverrides(design: Design, classes: Record<ActionName, ClassEstimate>): void {
  const issues = [];
  for (const [name, { energyPj, source }] of Object.entries(design.energy.overrides)) {
    const action = ACTIONS.find((candidate) => candidate === name);
    if (action === undefined) {
      const nearest = nearestSpelling(name, ACTIONS);
      issues.push({
        where: `energy.overrides.${quoteForMessage(name)}`,
        got: "an action that is not counted",
        want: `one of ${ACTIONS.join(", ")}`,
        fix: nearest === undefined ? "remove it" : `did you mean '${nearest}'?`,
      });
      continue;
    }
    const entry = { entry: `${action} (override)`, value: energyPj, unit: "pJ", source: `override: ${source}` };
    classes[action] = { nominalPj: energyPj, lowPj: energyPj, highPj: energyPj, sources: [entry] };
  }
  if (issues.length > 0) throw new ConfigError(issues);
}

/**
 * Energy per action, leakage and area of a design.
 * @throws ConfigError for a supply outside the scaling fit or an unknown override
 */
export function createEnergyModel(design: Design): EnergyModel {
  const classes = estimateClasses(design);
  applyOverrides(design, classes);
  const actions = Object.fromEntries(
    ACTIONS.map((name): [ActionName, ActionEnergy] => {
      const { nominalPj, lowPj, highPj } = classes[name];
      return [name, { nominalPj, lowPj, highPj, component: COMPONENT_OF[name] }];
    }),
  ) as Record<ActionName, ActionEnergy>;
  const leakage = estimateLeakage(design);
  const area = estimateArea(design);
  const valued = Object.keys(NO_VALUED_COUNTS) as ValuedAction[];
  const listed = new Set(ACTIONS.filter((name) => !Object.hasOwn(NO_VALUED_COUNTS, name)).map((name) => classes[name]));
  return {
    actions,
    leakageWatts: { nominal: leakage.nominal, low: leakage.low, high: leakage.high },
    areaUm2: area.areaUm2,
    sources: [...[...listed].flatMap((estimate) => estimate.sources), ...leakage.sources, ...area.sources],
    sourcesOf: Object.fromEntries(valued.map((name) => [name, classes[name].sources])) as EnergyModel["sourcesOf"],
    notModelled: [memoryNotModelled(design.dram), ...NOT_MODELLED],
  };
}
