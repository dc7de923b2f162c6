/** Registry of PE arrays. */
import type { EncodingChoice } from "../../sim/ir/encodings/encoding.js";
import type { SpatialAxis } from "../../sim/ir/mapping.js";
import type { AccumulatorParameters, ArithmeticParameters } from "./arithmetic-parameters.js";
import { BIT_FUSION } from "./bit-fusion/index.js";
import { BIT_PRAGMATIC } from "./bit-pragmatic/index.js";
import { BIT_SERIAL } from "./bit-serial/index.js";
import { CAMBRICON_X } from "./cambricon-x/index.js";
import { DADIANNAO } from "./dadiannao/index.js";
import { DIANNAO } from "./diannao/index.js";
import { EYERISS_V2 } from "./eyeriss-v2/index.js";
import type { ActivationBlocks, ArrayInventory, ValuedArray } from "./layer-values.js";
import { OS_MESH } from "./os-mesh/index.js";
import type { PeArray } from "./pe-array.js";
import type { PeArrayKind, TilingHints } from "./pe-array-kind.js";
import type { PeArrayParameters } from "./pe-array-parameters.js";
import { S2TA } from "./s2ta/index.js";
import { DCNN, SCNN } from "./scnn/index.js";
import { SHIFT_ADD } from "./shift-add/index.js";
import { SIGMA } from "./sigma/index.js";
import { SMARTEXCHANGE } from "./smartexchange/index.js";
import { SPARSE_TENSOR_CORE } from "./sparse-tensor-core/index.js";
import { STA_DBB } from "./sta-dbb/index.js";
import { SystolicArray } from "./systolic.js";
import type { SystolicParameters } from "./systolic-parameters.js";
import { describeSystolic, systolicAxes, systolicHints, systolicInventory } from "./systolic-structure.js";
import { VEGETA } from "./vegeta/index.js";

const SYSTOLIC = {
  name: "systolic",
  description: "Grid of MACs that pass operands to their neighbours; output, weight or input stationary",
  source: "H. T. Kung, 'Why systolic architectures?', IEEE Computer 15(1), 1982",
  create: (parameters: SystolicParameters, arithmetic: AccumulatorParameters) =>
    new SystolicArray(parameters, arithmetic),
  describe: describeSystolic,
  axes: systolicAxes,
  widened: (parameters: SystolicParameters, rows: number): SystolicParameters => ({ ...parameters, rows }),
  tilingHints: systolicHints,
  storage: () => ({ name: "dense", parameters: {} }),
  inventory: systolicInventory,
} satisfies PeArrayKind<SystolicParameters>;

export const PE_ARRAYS = {
  systolic: SYSTOLIC,
  smartexchange: SMARTEXCHANGE,
  diannao: DIANNAO,
  "cambricon-x": CAMBRICON_X,
  "bit-pragmatic": BIT_PRAGMATIC,
  dadiannao: DADIANNAO,
  scnn: SCNN,
  dcnn: DCNN,
  "eyeriss-v2": EYERISS_V2,
  "shift-add": SHIFT_ADD,
  "bit-fusion": BIT_FUSION,
  "bit-serial": BIT_SERIAL,
  "os-mesh": OS_MESH,
  sigma: SIGMA,
  "sta-dbb": STA_DBB,
  "sparse-tensor-core": SPARSE_TENSOR_CORE,
  vegeta: VEGETA,
  s2ta: S2TA,
} as const;

/** The kind of an array's parameters, which are of its own table: they were told apart by their `dataflow`. */
function kindOf({ kind }: PeArrayParameters): PeArrayKind<PeArrayParameters> {
  return PE_ARRAYS[kind] as PeArrayKind<PeArrayParameters>;
}

interface ArrayDesign {
  readonly peArray: PeArrayParameters;
  readonly arithmetic: ArithmeticParameters;
}

export function createArray({ peArray, arithmetic }: ArrayDesign): PeArray | ValuedArray {
  return kindOf(peArray).create(peArray, arithmetic);
}

/** A few words on an array: `32x32 os`. */
export function describeArray(parameters: PeArrayParameters): string {
  return kindOf(parameters).describe(parameters);
}

/** What works side by side in an array. */
export function axesOf(parameters: PeArrayParameters): readonly SpatialAxis[] {
  return kindOf(parameters).axes(parameters);
}

/** An array with so many of its widest kind of part. */
export function widened(parameters: PeArrayParameters, parts: number): PeArrayParameters {
  return kindOf(parameters).widened(parameters, parts);
}

export function tilingHintsOf(parameters: PeArrayParameters): TilingHints {
  return kindOf(parameters).tilingHints(parameters);
}

/** How weights are stored for an array where nobody says otherwise. */
export function storageOf(parameters: PeArrayParameters): EncodingChoice {
  return kindOf(parameters).storage(parameters);
}

/** What activations have to keep to for an array. */
export function activationBlocksOf(parameters: PeArrayParameters): ActivationBlocks | undefined {
  return kindOf(parameters).activationBlocks?.(parameters);
}

/** Width of what passes an array's crossbar. */
export function crossbarBitsOf({ peArray, arithmetic }: ArrayDesign): number {
  return kindOf(peArray).crossbarBits?.(peArray) ?? arithmetic.accumulatorBits;
}

/** Width of what an array's shift-and-add units give. */
export function shiftedBitsOf(parameters: PeArrayParameters): number {
  return kindOf(parameters).shiftedBits?.(parameters) ?? parameters.weightBits;
}

export function serialOperandOf(parameters: PeArrayParameters): "activation" | "weight" {
  return kindOf(parameters).serialOperand?.(parameters) ?? "activation";
}

export function inventoryOf({ peArray, arithmetic }: ArrayDesign): ArrayInventory {
  return kindOf(peArray).inventory(peArray, arithmetic.accumulatorBits);
}
