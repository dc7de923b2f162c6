/**
 * What a layer costs on a design in some stored form: its energy or cycles by the closed forms, alone and from a cold start, with
 * the activations of a sample. It is what a method shares out among layers instead of bits. Scales of plain codes, alike in every form, are left out.
 */
import type { LayerCost } from "../../../algorithms/compression/method.js";
import type { CompressedMatrix } from "../../../algorithms/compression/weight-matrix.js";
import type { Design } from "../../../hw-models/design.js";
import { planDram } from "../../../hw-models/dram/dram-plan.js";
import { accountEnergy } from "../../../hw-models/energy/account.js";
import { createEnergyModel } from "../../../hw-models/energy/create-energy-model.js";
import { createArray } from "../../../hw-models/pe-array/index.js";
import type { LayerValues } from "../../../hw-models/pe-array/layer-values.js";
import { isValued } from "../../../hw-models/pe-array/pe-array-kind.js";
import { ConfigError, quoteForMessage } from "../../core/errors.js";
import type { EncodingChoice } from "../../ir/encodings/encoding.js";
import { roundSmartDealWeights } from "../../ir/encodings/smartdeal-rounding.js";
import type { Program } from "../../ir/import/onnx-program.js";
import type { Network } from "../../ir/network.js";
import type { MatrixOperation } from "../../ir/operation.js";
import { analyticTime } from "../analytic.js";
import { actionsOf } from "../charge.js";
import { NOTHING_IDEAL } from "../ideal.js";
import type { NamedTensors } from "../inference/input-checks.js";
import { lowerNetwork } from "../lower.js";
import { workOf } from "../operation-work.js";
import { bufferSlots, clocksOf } from "../run-network.js";
import { TensorAddresses } from "../tensor-addresses.js";
import { createValues } from "../values/create-values.js";

export type CostQuantity = "energy" | "cycles";

const NOTHING_RESIDENT = { inputs: new Set<string>(), output: false };
const DENSE = { name: "dense", parameters: {} };
/** Codes of compressed layers are at most so wide, but those that containers are rounded to. */
const OPERAND_BITS = 8;

/**
 * The cost of each layer of a network, by the name of its node.
 * @param inputs a sample to run the program on @default seeded noise
 * @throws as the run of the program and the lowering; the function that is returned throws ConfigError for an unknown layer
 */
export async function simulatedCost(
  network: Network,
  program: Program,
  design: Design,
  quantity: CostQuantity,
  inputs?: NamedTensors,
): Promise<LayerCost> {
  const operations = lowerNetwork(network, design, { encoding: undefined });
  const byName = new Map(operations.map((operation) => [operation.name, operation]));
  const array = createArray(design);
  const given = { program, ...(inputs !== undefined && { inputs }) };
  const values = isValued(array)
    ? await createValues(network, design, operations, undefined, given, () => Promise.resolve())
    : undefined;
  const dram = planDram(design.dram);
  const timing = {
    memory: dram.timing(clocksOf(design, dram)),
    burstBytes: dram.burstBytes,
    earlyWeightGenerations: bufferSlots(design).weight,
  };
  const energy = createEnergyModel(design);
  const tilings = new Map();
  return ({ name }, compressed) => {
    const operation = byName.get(name);
    if (operation?.kind !== "matrix") refuseLayer(name);
    const container = compressed.smartdeal?.weights;
    const seen = values?.valuesOf(operation);
    const encoding = storedForm(compressed);
    const layer =
      seen === undefined
        ? undefined
        : {
            ...givenOf(seen, encoding),
            ...weightOf(compressed, design, operation.bounds.G * operation.bounds.K),
          };
    const stored: MatrixOperation = { ...operation, weightEncoding: encoding };
    const memory = { addresses: new TensorAddresses(), layout: design.dram.layout, burstBytes: dram.burstBytes };
    const machine = { design, array, ideal: NOTHING_IDEAL, memory, tilings, containerOf: () => container };
    const work = workOf(
      stored,
      { ...machine, values: layer === undefined ? undefined : { valuesOf: () => layer } },
      NOTHING_RESIDENT,
    );
    const time = analyticTime(work, timing, 0, true);
    if (quantity === "cycles") return time.endCycle;
    return accountEnergy(energy, actionsOf(work, time), time.endCycle / design.clockHz).energyPj;
  };
}

/** How weights are stored, without their scales: those stand beside every form alike, but for containers, which hold their own. */
function storedForm({ encoding, smartdeal }: CompressedMatrix): EncodingChoice {
  if (smartdeal !== undefined) return encoding;
  const { scales: _, zeroPointBits: __, ...parameters } = encoding.parameters;
  const isPlain = encoding.name === "dense" && parameters.valueBits === OPERAND_BITS;
  return isPlain ? DENSE : { name: encoding.name, parameters };
}

/** What a layer keeps whatever its weights are. */
function givenOf(
  { name, bounds, window, ifmap, stored }: LayerValues,
  encoding: EncodingChoice,
): Omit<LayerValues, "weight"> {
  const { valueBits } = encoding.parameters;
  const weightBits = typeof valueBits === "number" ? valueBits : OPERAND_BITS;
  return {
    name,
    bounds,
    window,
    ifmap,
    ...(stored !== undefined && { stored: { ...stored, encoding, weightBits, isDrawn: false } }),
  };
}

/** Weights [K, C, R, S] as the multipliers are given them. */
function weightOf(
  { codes, smartdeal }: CompressedMatrix,
  { peArray }: Design,
  columns: number,
): Pick<LayerValues, "weight" | "smartdeal"> {
  if (smartdeal !== undefined) {
    const { weights } = smartdeal;
    return { weight: roundSmartDealWeights(weights, peArray.weightBits).codes, smartdeal: weights };
  }
  const reduction = codes.length / columns;
  const weight = new Int8Array(codes.length);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < reduction; row++) weight[column * reduction + row] = codes[row * columns + column]!;
  }
  return { weight };
}

function refuseLayer(name: string): never {
  throw new ConfigError({
    where: "cost of a layer",
    got: `layer ${quoteForMessage(name)}, which the simulated network does not have`,
    want: "layers of the same model",
    fix: "give nodes that are compressed their names, or leave the cost out",
  });
}
