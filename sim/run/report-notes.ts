/** What a reader of a report should know beside its figures: where values come from, and what the run assumes. */
import type { Design } from "../../hw-models/design.js";
import { operatingPointNote } from "../../hw-models/energy/operating-point-clock.js";
import { isCalibrated } from "../../hw-models/presets/calibration.js";
import { PRESETS } from "../../hw-models/presets/index.js";
import { formatEncodingChoice } from "../ir/encodings/index.js";
import type { Network } from "../ir/network.js";
import type { Operation } from "../ir/operation.js";
import type { LayerReport, OperatingPointReport } from "./report-types.js";
import type { Run, SimulateOptions } from "./run-network.js";
import { isSynthetic } from "./values/array-values.js";

/** All notes of a report. */
export function reportNotes(
  network: Network,
  design: Design,
  run: Run,
  options: SimulateOptions,
  points: readonly OperatingPointReport[],
): string[] {
  return [
    ...notesOf(network, run, options),
    ...memoryNotes(run),
    ...pointNotes(design, points),
    ...calibrationNotes(design),
  ];
}

/** What a model of a published machine does not reproduce of its paper. */
function calibrationNotes({ name }: Design): string[] {
  const calibration = Object.hasOwn(PRESETS, name) ? PRESETS[name]?.calibration : undefined;
  if (calibration === undefined || isCalibrated(calibration)) return [];
  const { claim, published, ours } = calibration;
  return [`${name} is uncalibrated: ${claim}: published ${published}, this model ${ours}`];
}

/** The encoding of an operation's weights. */
export function encodingText(operation: Operation): string {
  return operation.kind === "matrix" ? formatEncodingChoice(operation.weightEncoding) : "dense";
}

/** Where the values come from on which the cost of a layer depends. */
export function provenanceOf(operation: Operation, values: Run["values"]): LayerReport["statistics"] {
  if (operation.kind !== "matrix") return "none";
  const origin = values?.originOf(operation.name);
  if (origin !== undefined) return isSynthetic(origin) ? "synthetic" : "measured";
  if (encodingText(operation) === "dense") return "none";
  return operation.weightsAreStored ? "measured" : "synthetic";
}

/** What there is to say of the operating points that were run. */
function pointNotes(design: Design, points: readonly OperatingPointReport[]): string[] {
  return points.map((point) => operatingPointNote(design, point)).filter((note) => note !== undefined);
}

/** What there is to say of where tensors lie. */
function memoryNotes({ dramAddresses: { usedBytes, capacityBytes = Number.POSITIVE_INFINITY } }: Run): string[] {
  if (usedBytes <= capacityBytes) return [];
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(2);
  return [
    `tensors take ${gigabytes(usedBytes)} GB and the DRAM holds ${gigabytes(capacityBytes)} GB: addresses wrap, so rows and ` +
      "banks are right and the capacity is not",
  ];
}

function notesOf(network: Network, { operations, values }: Run, options: SimulateOptions): string[] {
  const notes = [...network.notes];
  const assumed = operations.filter((operation) => operation.assumed).map((operation) => operation.name);
  if (assumed.length > 0) {
    notes.push(
      `${assumed.length} layers have an unknown operator and are costed as data movement: ${assumed.slice(0, 5).join(", ")}`,
    );
  }
  if (operations.some((operation) => operation.precision.includes("in the file"))) {
    const { functional } = options;
    const drawn =
      functional?.program === undefined ? "drawn codes were run" : "values were run with one scale a tensor";
    const values = functional === undefined ? "no values were run" : drawn;
    notes.push(`floating-point tensors are costed at the array's operand widths, as if quantized; ${values}`);
  }
  if (operations.some((operation) => provenanceOf(operation, values) === "synthetic")) {
    if (values !== undefined) {
      notes.push(
        "values are drawn, not the network's own: times and energies that depend on them are a range over distributions, and no " +
          "accuracy is implied",
      );
    } else
      notes.push(
        "compressed weights follow their encoding's structure, or its stated density, only: their values are synthetic, no " +
          "accuracy is implied",
      );
  }
  const ideal = Object.entries(options.ideal ?? {}).filter(([, on]) => on);
  if (ideal.length > 0) notes.push(`ideal resources: ${ideal.map(([name]) => name).join(", ")}`);
  return notes;
}
