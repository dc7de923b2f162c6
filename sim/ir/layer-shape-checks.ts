/**
 * What the shape functions of layers refuse, each as a NetworkError in four parts, and the planes that windows slide over.
 */
import { NetworkError, quoteForMessage } from "../core/errors.js";
import { elementCount } from "../core/integers.js";
import { type AttributeValue, windowOutputExtent } from "./layer.js";
import type { Tensor } from "./tensor.js";

/** What every layer is given beside its operands. */
export interface LayerIdentity {
  readonly name: string;
  readonly operator: string;
  /** Name of the tensor that the layer writes. */
  readonly output: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/** How a filter or pooling window moves over a plane. Height before width. */
export interface WindowGeometry {
  readonly strides: readonly [height: number, width: number];
  readonly dilations: readonly [height: number, width: number];
  readonly pads: readonly [top: number, left: number, bottom: number, right: number];
}

/** Height and width of [N, C, H, W]; [N, C, W] has height 1. */
export function planeOf(parts: LayerIdentity, ifmap: Tensor): readonly [number, number] {
  if (ifmap.shape.length !== 3 && ifmap.shape.length !== 4) {
    refuse(parts, {
      got: `an ifmap ${shapeText(ifmap)}`,
      want: "[N, C, H, W] or [N, C, W]",
      fix: "reshape the ifmap, or split the operator into planes",
    });
  }
  checkExtents(parts, ifmap.shape);
  return planeSize(ifmap);
}

export function planeSize(tensor: Tensor): readonly [number, number] {
  return tensor.shape.length === 3 ? [1, tensor.shape[2]!] : [tensor.shape[2]!, tensor.shape[3]!];
}

/** The first two extents of the weights, which must have as many axes as the ifmap. */
export function filterChannels(parts: LayerIdentity, ifmap: Tensor, weight: Tensor): [number, number] {
  if (weight.shape.length !== ifmap.shape.length) refuseRanks(parts, ifmap, weight);
  checkExtents(parts, weight.shape);
  return pair(weight.shape.slice(0, 2));
}

export function planarShape(ifmap: Tensor, leading: readonly number[], plane: readonly [number, number]): number[] {
  return ifmap.shape.length === 3 ? [...leading, plane[1]] : [...leading, ...plane];
}

/** Extents that a window takes over a plane. */
export function slide(
  parts: LayerIdentity & WindowGeometry,
  plane: readonly [number, number],
  kernel: readonly [number, number],
  roundUp: boolean,
): readonly [number, number] {
  checkGeometry(parts);
  checkExtents(parts, kernel);
  const along = (axis: 0 | 1): number =>
    windowOutputExtent(
      plane[axis],
      kernel[axis],
      parts.strides[axis],
      parts.dilations[axis],
      parts.pads[axis],
      parts.pads[axis + 2]!,
      roundUp,
    );
  const reach = (axis: 0 | 1): number => parts.dilations[axis] * (kernel[axis] - 1) + 1;
  const padded = (axis: 0 | 1): number => plane[axis] + parts.pads[axis] + parts.pads[axis + 2]!;
  if (reach(0) > padded(0) || reach(1) > padded(1)) {
    refuse(parts, {
      got: `a window reaching over ${reach(0)}x${reach(1)} on a padded ifmap of ${padded(0)}x${padded(1)}`,
      want: "a window not larger than the padded ifmap",
      fix: "use a larger input, more padding, or a smaller window",
    });
  }
  return [along(0), along(1)];
}

export function checkGeometry(parts: LayerIdentity & WindowGeometry): void {
  const { strides, dilations, pads } = parts;
  const stepsAreSound = [...strides, ...dilations].every((step) => Number.isSafeInteger(step) && step >= 1);
  if (stepsAreSound && pads.every((pad) => Number.isSafeInteger(pad) && pad >= 0)) return;
  refuse(parts, {
    got: `strides ${strides.join("x")}, dilations ${dilations.join("x")}, pads ${pads.join(", ")}`,
    want: "strides and dilations of at least 1, pads of at least 0, all whole numbers",
    fix: "correct the geometry of the layer",
  });
}

export function checkGroups(parts: LayerIdentity, groups: number): void {
  if (Number.isSafeInteger(groups) && groups >= 1) return;
  refuse(parts, {
    got: `${groups} groups`,
    want: "a whole number of at least 1",
    fix: "use 1 for a plain convolution",
  });
}

export function checkBias(parts: LayerIdentity, bias: Tensor | undefined, outputs: number): void {
  if (bias === undefined || elementCount(bias.shape) === outputs) return;
  refuse(parts, {
    got: `a bias ${shapeText(bias)} for ${outputs} output channels`,
    want: "one value for each output channel",
    fix: "correct the bias, or leave it out",
  });
}

export function checkExtents(parts: LayerIdentity, extents: readonly number[]): void {
  if (extents.every((extent) => Number.isSafeInteger(extent) && extent >= 1)) return;
  refuse(parts, {
    got: `operand extents ${extents.join(", ")}`,
    want: "whole numbers of at least 1",
    fix: "give every axis its size",
  });
}

/** Numpy broadcasting of two shapes: aligned at the last axis, an extent of 1 takes on the other's. */
export function broadcastShapes(
  parts: Pick<LayerIdentity, "name" | "operator">,
  first: readonly number[],
  second: readonly number[],
): number[] {
  const rank = Math.max(first.length, second.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = first[axis - rank + first.length] ?? 1;
    const right = second[axis - rank + second.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      refuse(parts, {
        got: `axes [${first.join(", ")}] and [${second.join(", ")}]`,
        want: "axes that are equal or 1, aligned at the last",
        fix: "reshape one of the operands",
      });
    }
    return left === 1 ? right : left;
  });
}

export function pair(extents: readonly number[]): [number, number] {
  return [extents[0]!, extents[1]!];
}

export function refuseRanks(parts: LayerIdentity, ifmap: Tensor, weight: Tensor): never {
  return refuse(parts, {
    got: `operands ${shapeText(ifmap)} and ${shapeText(weight)}`,
    want: "ranks that the operator takes: equal for convolutions, two weight axes for linear layers",
    fix: "reshape one of the operands",
  });
}

export function refuseProduct(parts: LayerIdentity, ifmap: Tensor, weight: Tensor, transposed: boolean): never {
  return refuse(parts, {
    got: `${shapeText(ifmap)} times ${shapeText(weight)}${transposed ? " transposed" : ""}`,
    want: "inner axes of one size",
    fix: "correct the shapes, or transpose the second operand",
  });
}

export function refuse(
  parts: Pick<LayerIdentity, "name" | "operator">,
  problem: { got: string; want: string; fix: string },
): never {
  throw new NetworkError({ where: `layer ${quoteForMessage(parts.name)} (${parts.operator})`, ...problem });
}

export function shapeText(tensor: Tensor): string {
  return `[${tensor.shape.join(", ")}]`;
}
