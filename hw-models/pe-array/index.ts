/** Registry of PE arrays. */
import type { EncodingChoice } from "../../sim/ir/encodings/encoding.js";
import type { ArithmeticParameters } from "./arithmetic-parameters.js";
import type { ArrayInventory, ValuedAction, ValuedArray } from "./layer-values.js";
import type { PeArray } from "./pe-array.js";
import type { PeArrayKind, TilingHints } from "./pe-array-kind.js";
import type { PeArrayParameters } from "./pe-array-parameters.js";
import { SystolicArray } from "./systolic.js";
import { type SystolicParameters, systolicTable } from "./systolic-parameters.js";
import { describeSystolic, systolicHints, systolicInventory } from "./systolic-structure.js";

const DENSE_STORAGE: EncodingChoice = { name: "dense", parameters: {} };

export const PE_ARRAYS = {
  systolic: {
    name: "systolic",
    description: "Grid of MACs that pass operands to their neighbours; output, weight or input stationary",
    source: "H. T. Kung, 'Why systolic architectures?', IEEE Computer 15(1), 1982",
    table: systolicTable,
    create: (parameters, arithmetic) => new SystolicArray(parameters, arithmetic),
    describe: describeSystolic,
    tilingHints: systolicHints,
    storage: DENSE_STORAGE,
    actions: [],
    inventory: systolicInventory,
  } satisfies PeArrayKind<SystolicParameters>,
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

export function tilingHintsOf(parameters: PeArrayParameters): TilingHints {
  return kindOf(parameters).tilingHints(parameters);
}

/** How weights are stored for an array where nobody says otherwise. */
export function storageOf({ kind }: PeArrayParameters): EncodingChoice {
  return PE_ARRAYS[kind].storage;
}

/** What an array does beyond multiplying and accumulating. */
export function actionsOfArray({ kind }: PeArrayParameters): readonly ValuedAction[] {
  return PE_ARRAYS[kind].actions;
}

export function inventoryOf({ peArray, arithmetic }: ArrayDesign): ArrayInventory {
  return kindOf(peArray).inventory(peArray, arithmetic.accumulatorBits);
}
