/**
 * Versions of an ONNX model. Operator sets from 7 on have today's broadcasting; older ones are refused. A file newer than
 * the newest set known here is read by the newest rules, which a note says: new versions of an operator mostly add element
 * types, and operators that are new are unknown and refused by name.
 */
import type { ModelProto } from "onnx-buf";
import { NetworkError, quoteForMessage, UnsupportedError } from "../../core/errors.js";

const OLDEST_IR = 3;
const NEWEST_IR = 13;
const OLDEST_OPSET = 7;
const NEWEST_OPSET = 25;

/** The operator sets by domain ("" is the standard's own) and what to note about versions. */
export function checkVersions(
  model: ModelProto,
  source: string,
): { readonly opsets: ReadonlyMap<string, number>; readonly notes: readonly string[] } {
  const where = quoteForMessage(source);
  const notes: string[] = [];
  const irVersion = Number(model.irVersion);
  if (irVersion < OLDEST_IR) {
    throw new NetworkError({
      where,
      got: `IR version ${irVersion}`,
      want: `IR version ${OLDEST_IR} or later`,
      fix: "check that the file is an ONNX model; convert it with the onnx version converter",
    });
  }
  if (irVersion > NEWEST_IR) notes.push(`IR version ${irVersion} is newer than ${NEWEST_IR}; read as ${NEWEST_IR}`);
  const opsets = new Map<string, number>();
  for (const { domain, version } of model.opsetImport) opsets.set(domain === "ai.onnx" ? "" : domain, Number(version));
  const standard = opsets.get("");
  if (standard === undefined && opsets.size === 0) {
    throw new NetworkError({ where, got: "no operator set", want: "an opset_import", fix: "export the model again" });
  }
  if (standard !== undefined && standard < OLDEST_OPSET) {
    throw new UnsupportedError({
      where,
      got: `operator set ${standard}`,
      want: `operator set ${OLDEST_OPSET} or later`,
      fix: "convert the model with the onnx version converter",
    });
  }
  if (standard !== undefined && standard > NEWEST_OPSET) {
    notes.push(`operator set ${standard} is newer than ${NEWEST_OPSET}; read by the rules of ${NEWEST_OPSET}`);
  }
  return { opsets, notes };
}
