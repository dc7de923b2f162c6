/**
 * When feature maps are needed: the peak of their bytes in memory, and which of them may stay on chip. A feature map lives
 * from the operation that writes it to the last one that reads it; inputs of the network live from the start, and state
 * (a KV cache) all the time.
 */
import type { Design } from "../../hw-models/design.js";
import type { Network } from "../ir/network.js";
import { type OperandAccess, type Operation, operandBytes, operationInputs } from "../ir/operation.js";
import { tileCapacityBytes } from "./buffer-rows.js";
import { resolveViews } from "./fuse.js";
import type { Residency } from "./streaming-work.js";

interface Lifetime {
  bytes: number;
  from: number;
  to: number;
}

function lifetimes(operations: readonly Operation[], network: Network): Map<string, Lifetime> {
  const lives = new Map<string, Lifetime>();
  const touch = (access: OperandAccess, index: number, from: number): void => {
    const bytes = operandBytes(access);
    const life = lives.get(access.storage);
    const isState = network.tensors.get(access.storage)?.role === "state";
    if (isState)
      lives.set(access.storage, { bytes: Math.max(bytes, life?.bytes ?? 0), from: 0, to: operations.length - 1 });
    else if (life === undefined) lives.set(access.storage, { bytes, from, to: index });
    else {
      life.bytes = Math.max(life.bytes, bytes);
      life.to = index;
    }
  };
  for (const [index, operation] of operations.entries()) {
    for (const input of operationInputs(operation)) touch(input, index, 0);
    touch(operation.output, index, index);
  }
  return lives;
}

/** Largest sum of live feature-map bytes over the operations, each operation's inputs and output included. */
export function peakActivationBytes(operations: readonly Operation[], network: Network): number {
  const change = new Float64Array(operations.length + 1);
  for (const life of lifetimes(operations, network).values()) {
    change[life.from]! += life.bytes;
    change[life.to + 1]! -= life.bytes;
  }
  let live = 0;
  let peak = 0;
  for (const delta of change) {
    live += delta;
    peak = Math.max(peak, live);
  }
  return peak;
}

/**
 * Where each operation finds its inputs and leaves its output. With `buffers.keepFeatureMaps`, a feature map that only the
 * next operation reads stays on chip when it fits a tile's share of both feature-map buffers, which then swap roles.
 */
export function planResidency(operations: readonly Operation[], network: Network, design: Design): Residency[] {
  const leaves = outputStorages(network);
  const kept = operations.map(
    (operation, index) => !leaves.has(operation.output.storage) && keepsOutput(operations, index, operation, design),
  );
  return operations.map((_, index) => ({
    inputs: new Set(index > 0 && kept[index - 1] ? [operations[index - 1]!.output.storage] : []),
    output: kept[index]!,
  }));
}

/** Storages of the network's outputs, which must reach memory. */
function outputStorages(network: Network): ReadonlySet<string> {
  const views = resolveViews(network);
  const outputs = [...network.tensors.values()].filter((tensor) => tensor.role === "output");
  return new Set(outputs.map(({ name }) => views.get(name) ?? name));
}

function keepsOutput(operations: readonly Operation[], index: number, operation: Operation, design: Design): boolean {
  if (!design.buffers.keepFeatureMaps) return false;
  const next = operations[index + 1];
  if (next === undefined) return false;
  const { storage } = operation.output;
  const readsIt = (reader: Operation): boolean => operationInputs(reader).some((input) => input.storage === storage);
  const streamsIt = next.kind === "matrix" ? next.ifmap.storage === storage : readsIt(next);
  if (!streamsIt || operations.slice(index + 2).some(readsIt)) return false;
  const room = Math.min(tileCapacityBytes(design.buffers.ifmap), tileCapacityBytes(design.buffers.ofmap));
  return operandBytes(operation.output) <= room;
}
