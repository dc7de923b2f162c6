/** Registry of reference tables that the model can be compared with. */
import { ConfigError, quoteForMessage } from "../core/errors.js";
import { nearestSpelling } from "../core/nearest-spelling.js";
import { findName } from "../core/registry.js";
import { validateDram } from "./dram/dram.js";
import { validateDrampower } from "./drampower/drampower.js";
import { validateOnnx } from "./onnx/onnx.js";
import { validateScalesim } from "./scalesim/scalesim.js";
import { validateSmartdeal } from "./smartdeal/smartdeal.js";
import { validateStonne } from "./stonne/stonne.js";
import { validateTflite } from "./tflite/tflite.js";
import type { ValidationOptions, ValidationResult } from "./validation-types.js";

export interface ValidationKind {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  validate(tablePath: string, options: ValidationOptions): Promise<ValidationResult>;
}

export const VALIDATIONS = {
  scalesim: {
    name: "scalesim",
    description: "Cycles, utilisations, SRAM accesses and sparse storage of systolic arrays against SCALE-Sim v3",
    source: "SCALE-Sim 3.0.0 (MIT), runs of single layers",
    validate: validateScalesim,
  },
  dram: {
    name: "dram",
    description: "Cycles, commands, latencies and energy of a DRAM controller against DRAMsim3, trace by trace",
    source: "DRAMsim3 (2981759), runs of generated traces",
    validate: validateDram,
  },
  drampower: {
    name: "drampower",
    description: "Counts, state times, core and interface energy of DRAM command traces against DRAMPower, set by set",
    source: "DRAMPower 6.2.0 (d8b980a), runs of generated command traces",
    validate: validateDrampower,
  },
  stonne: {
    name: "stonne",
    description:
      "Cycles, SRAM accesses, rounds and operations of a mesh and flexible fabrics against STONNE, run by run",
    source: "STONNE (stonne-simulator/stonne, 22634b8), runs of single layers",
    validate: validateStonne,
  },
  smartdeal: {
    name: "smartdeal",
    description: "Coefficients, basis, passes and errors of the SmartDeal decomposition, matrix by matrix",
    source: "SmartDeal (VITA-Group/SmartDeal, 8e1de77, MIT), runs of the core decomposition on random matrices",
    validate: validateSmartdeal,
  },
  onnx: {
    name: "onnx",
    description: "Outputs of ONNX models as pj run gives them against expected ones, case by case",
    source: "A folder with index.json, or the operator tests of the ONNX standard",
    validate: validateOnnx,
  },
  tflite: {
    name: "tflite",
    description: "Every operator's output of int8 TFLite models on seeded inputs, in both roundings, by checksum",
    source: "TensorFlow 2.21 and TensorFlow Lite Micro, runs of the MLPerf Tiny models",
    validate: validateTflite,
  },
} as const satisfies Readonly<Record<string, ValidationKind>>;

/**
 * Runs every row of a reference table through the model and compares.
 * @param kind without regard to case
 * @throws ConfigError for an unknown kind or a bad tolerance, TraceError for a malformed table
 */
export async function validate(
  kind: string,
  tablePath: string,
  options: ValidationOptions = {},
): Promise<ValidationResult> {
  const kinds: Readonly<Record<string, ValidationKind>> = VALIDATIONS;
  const name = findName(kinds, kind);
  if (name === undefined) {
    const nearest = nearestSpelling(kind, Object.keys(kinds));
    throw new ConfigError({
      where: "validate, kind of table",
      got: quoteForMessage(kind),
      want: `one of ${Object.keys(kinds).join(", ")}`,
      fix: nearest === undefined ? "name one of these kinds" : `did you mean '${nearest}'?`,
    });
  }
  if (options.models !== undefined && name !== "tflite") {
    throw new ConfigError({
      where: "--models",
      got: `a folder of models for a table of kind ${name}`,
      want: "kind tflite: only its tables name models",
      fix: "leave --models out",
    });
  }
  return kinds[name]!.validate(tablePath, options);
}
