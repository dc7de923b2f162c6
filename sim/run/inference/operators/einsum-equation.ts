/**
 * The equation of an Einsum as a loop nest: labels of each term against the axes of its operand, "..." for the axes that are
 * left, which broadcast. Source: ONNX Einsum-12 (numpy.einsum).
 */

import type { EinsumLoops } from "../../../../algorithms/kernels/einsum.js";
import { quoteForMessage } from "../../../core/errors.js";
import { broadcastShapes, formatShape, ShapeFault, stridesOf } from "../../../ir/import/onnx-shape-rules.js";

const TERM = /^[A-Za-z]*(\.\.\.[A-Za-z]*)?$/;

/** Labels of the axes of one term; the axes of "..." have the labels 0, 1, ... counted from the right. */
function labelsOf(term: string, ellipsisRank: number): string[] {
  const [before, after] = term.split("...");
  if (after === undefined) return [...before!];
  return [
    ...before!,
    ...Array.from({ length: ellipsisRank }, (_, index) => String(ellipsisRank - 1 - index)),
    ...after,
  ];
}

/** @throws ShapeFault when the equation is malformed or does not fit the shapes */
export function readEinsumLoops(
  equation: string,
  shapes: readonly (readonly number[])[],
): { readonly shape: readonly number[]; readonly loops: EinsumLoops } {
  const [left, right, ...rest] = equation.replaceAll(" ", "").split("->");
  const terms = left!.split(",");
  if (rest.length > 0 || terms.length !== shapes.length || ![...terms, right ?? ""].every((term) => TERM.test(term))) {
    throw new ShapeFault(
      `equation ${quoteForMessage(equation)}`,
      `${shapes.length} terms of letters, such as ij,jk->ik`,
    );
  }
  const ellipses = terms.map((term, index) => {
    const rank = shapes[index]!.length - term.replace("...", "").length;
    if (rank < 0 || (rank > 0 && !term.includes("..."))) {
      throw new ShapeFault(`term ${quoteForMessage(term)} for shape ${formatShape(shapes[index]!)}`, "a label an axis");
    }
    return rank;
  });
  const labels = terms.map((term, index) => labelsOf(term, ellipses[index]!));
  const sizes = sizesOf(labels, shapes);
  const widest = Math.max(0, ...ellipses);
  const output = right === undefined ? implicitOutput(labels, widest) : labelsOf(right, widest);
  if (output.some((label) => !sizes.has(label)) || new Set(output).size !== output.length) {
    throw new ShapeFault(`output ${quoteForMessage(right ?? "")}`, "labels of the terms, each once");
  }
  const order = [...output, ...[...sizes.keys()].filter((label) => !output.includes(label))];
  const strides = labels.map((own, index) => {
    const steps = stridesOf(shapes[index]!);
    return order.map((label) =>
      own.reduce((sum, other, axis) => (other === label && shapes[index]![axis] !== 1 ? sum + steps[axis]! : sum), 0),
    );
  });
  return {
    shape: output.map((label) => sizes.get(label)!),
    loops: { extents: order.map((label) => sizes.get(label)!), outputRank: output.length, strides },
  };
}

/** Extent of every label; axes of size 1 broadcast. */
function sizesOf(labels: readonly (readonly string[])[], shapes: readonly (readonly number[])[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const [index, own] of labels.entries()) {
    for (const [axis, label] of own.entries()) {
      const size = shapes[index]![axis]!;
      sizes.set(label, broadcastShapes([[sizes.get(label) ?? 1], [size]])[0]!);
    }
  }
  return sizes;
}

/** Without an arrow: the axes of "...", then the labels that occur once, in alphabetical order. */
function implicitOutput(labels: readonly (readonly string[])[], ellipsisRank: number): string[] {
  const all = labels.flat();
  const single = [...new Set(all)].filter(
    (label) => /[A-Za-z]/.test(label) && all.indexOf(label) === all.lastIndexOf(label),
  );
  return [...labelsOf("...", ellipsisRank), ...single.toSorted()];
}
