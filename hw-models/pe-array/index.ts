/** Registry of PE arrays. */
import type { z } from "zod";
import type { AccumulatorParameters } from "./arithmetic-parameters.js";
import type { PeArray } from "./pe-array.js";
import { SystolicArray } from "./systolic.js";
import { type SystolicParameters, systolicTable } from "./systolic-parameters.js";

/** A kind of array: its parameter table and how to build one. */
export interface PeArrayKind<Parameters> {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly table: z.ZodType<Parameters>;
  create(parameters: Parameters, arithmetic: AccumulatorParameters): PeArray;
}

export const PE_ARRAYS = {
  systolic: {
    name: "systolic",
    description: "Grid of MACs that pass operands to their neighbours; output, weight or input stationary",
    source: "H. T. Kung, 'Why systolic architectures?', IEEE Computer 15(1), 1982",
    table: systolicTable,
    create: (parameters, arithmetic) => new SystolicArray(parameters, arithmetic),
  } satisfies PeArrayKind<SystolicParameters>,
} as const;
