/**
 * Einsum of two operands as one batched product: every label is a batch axis (in both operands and the output), a
 * contracted axis (in both, not in the output), or an axis of one operand that the output keeps. Anything else (repeated
 * labels in a term, sums over one operand, broadcast by "...") is not modelled. Source: ONNX Einsum-12.
 */
import { ShapeFault } from "./onnx-shape-rules.js";

export interface EinsumProduct {
  readonly outputShape: readonly number[];
  readonly batches: number;
  /** Extent of the axes that only the first operand has. */
  readonly rows: number;
  /** Extent of the contracted axes. */
  readonly reduction: number;
  /** Extent of the axes that only the second operand has. */
  readonly columns: number;
}

/** The product that an equation means for two shapes; undefined when it is not one product. @throws ShapeFault */
export function readEinsum(
  equation: string,
  first: readonly number[],
  second: readonly number[],
): EinsumProduct | undefined {
  const match = /^([A-Za-z]+),([A-Za-z]+)(?:->([A-Za-z]*))?$/.exec(equation.replaceAll(" ", ""));
  if (match === null) return undefined;
  const terms = [match[1]!, match[2]!] as const;
  const output = match[3] ?? implicitOutput(terms);
  if ([...terms, output].some((term) => new Set(term).size !== term.length)) return undefined;
  const sizes = new Map<string, number>();
  for (const [index, shape] of [first, second].entries()) {
    const term = terms[index]!;
    if (term.length !== shape.length)
      throw new ShapeFault(`term ${term} for ${shape.length} dimensions`, "a label each");
    for (const [axis, label] of [...term].entries()) {
      const size = shape[axis]!;
      if ((sizes.get(label) ?? size) !== size) {
        throw new ShapeFault(`label ${label} of sizes ${sizes.get(label)} and ${size}`, "one size for a label");
      }
      sizes.set(label, size);
    }
  }
  const product = { batches: 1, rows: 1, reduction: 1, columns: 1 };
  for (const [label, size] of sizes) {
    const [inFirst, inSecond, kept] = [terms[0].includes(label), terms[1].includes(label), output.includes(label)];
    if (inFirst && inSecond) product[kept ? "batches" : "reduction"] *= size;
    else if (!kept) return undefined;
    else product[inFirst ? "rows" : "columns"] *= size;
  }
  if ([...output].some((label) => !sizes.has(label)))
    throw new ShapeFault(`output ${output}`, "labels of the operands");
  return { outputShape: [...output].map((label) => sizes.get(label)!), ...product };
}

/** Without an arrow the output has the labels that occur once, in alphabetical order. */
function implicitOutput(terms: readonly [string, string]): string {
  const all = [...terms[0], ...terms[1]];
  return [...new Set(all)]
    .filter((label) => all.indexOf(label) === all.lastIndexOf(label))
    .sort()
    .join("");
}
