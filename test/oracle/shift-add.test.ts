/**
 * Shift-and-add units against a scheduler that is written here from the machine's rules alone, on layers of at most 64 products, and
 * against the kernel that multiplies the packed form which the array consumes.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { preparePackedConv } from "../../algorithms/kernels/packed-conv.js";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { ShiftAddArray } from "../../hw-models/pe-array/shift-add/shift-add.js";
import { type ShiftAddParameters, shiftAddTable } from "../../hw-models/pe-array/shift-add/shift-add-parameters.js";
import { createEncoding } from "../../sim/ir/encodings/index.js";
import { geometry } from "../helpers/kernel-tensors.js";
import { narrowLayers, powerLayers } from "../helpers/narrow-layers.js";
import { wholeTile } from "../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;

const machines = fc
  .record({
    outputs: fc.integer({ min: 1, max: 4 }),
    inputs: fc.integer({ min: 1, max: 4 }),
    termsPerCycle: fc.integer({ min: 1, max: 3 }),
    zeroTerms: fc.constantFrom("added", "gated"),
  })
  .map((sizes) => shiftAddTable.parse({ kind: "shift-add", activationBits: 16, weightBits: 16, ...sizes }));

/** Magnitudes that the fields of a code choose from, by bits: Li et al., ICLR 2020, sets before scaling. */
const APOT_FIELDS: Readonly<Record<number, readonly (readonly number[])[]>> = {
  3: [[0, 1, 2, 4]],
  4: [
    [0, 1, 4, 8],
    [0, 2],
  ],
  5: [
    [0, 2, 8, 32],
    [0, 1, 4, 16],
  ],
};

/** Booth's table: what a window of three bits stands for, the lowest one shared with the digit below. */
const BOOTH = { "000": 0, "001": 1, "010": 1, "011": 2, "100": -2, "101": -1, "110": -1, "111": 0 } as const;

/** The terms of a weight, 0 for a missing one. */
function termsOf(weight: number, { stored }: LayerValues, unit: number): number[] {
  const { name, parameters } = stored!.encoding;
  if (name === "pow2") return [weight];
  if (name === "apot") {
    const [first, second = [0]] = APOT_FIELDS[parameters.bits as number]!;
    const pairs = first!.flatMap((one) => second.map((other) => [one, other]));
    const found = pairs.find(([one, other]) => one! + other! === Math.abs(weight) / unit)!;
    return APOT_FIELDS[parameters.bits as number]!.map((_, field) => found[field]!);
  }
  const bits = (weight >>> 0).toString(2).padStart(32, "0").split("").toReversed();
  return Array.from({ length: Math.ceil(stored!.weightBits / 2) }, (_, digit) => {
    const window = [bits[2 * digit + 1], bits[2 * digit], bits[2 * digit - 1] ?? "0"].join("");
    return BOOTH[window as keyof typeof BOOTH];
  });
}

/** Cycle after cycle, every unit takes the next term of its weight; a block ends when no weight has a term left. */
function schedule(layer: LayerValues, machine: ShiftAddParameters) {
  const { G, N, K, C, P, Q, R, S } = layer.bounds;
  const length = C * R * S;
  const isApot = layer.stored!.encoding.name === "apot";
  const fits = (unit: number): boolean => {
    const [first, second = [0]] = APOT_FIELDS[layer.stored!.encoding.parameters.bits as number]!;
    const levels = new Set(first!.flatMap((one) => second.map((other) => (one + other) * unit)));
    return layer.weight.every((weight) => levels.has(Math.abs(weight)));
  };
  const unit = isApot ? [1, 2].find(fits)! : 1;
  const counts = { steadyCycles: 0, shiftAddOps: 0, psumRegisterWrites: 0, ifmapReads: 0, weightReads: 0 };
  for (let g = 0; g < G; g++) {
    for (let position = 0; position < N * P * Q; position++) {
      for (let k = 0; k < K; k += machine.outputs) {
        const channels = Array.from({ length: Math.min(machine.outputs, K - k) }, (_, neuron) => g * K + k + neuron);
        for (let from = 0; from < length; from += machine.inputs) {
          const places = Array.from({ length: Math.min(machine.inputs, length - from) }, (_, lane) => from + lane);
          const queues = channels.flatMap((channel) =>
            places.map((place) => termsOf(layer.weight[channel * length + place]!, layer, unit)),
          );
          counts.ifmapReads += places.length;
          counts.weightReads += queues.length;
          while (queues.some((queue) => queue.length > 0)) {
            counts.steadyCycles++;
            counts.psumRegisterWrites += channels.length;
            for (const queue of queues) {
              const taken = queue.splice(0, machine.termsPerCycle);
              counts.shiftAddOps += taken.filter((term) => term !== 0 || machine.zeroTerms === "added").length;
            }
          }
        }
      }
    }
  }
  return counts;
}

const productsOf = ({ bounds }: LayerValues): number =>
  Object.values(bounds).reduce((product, extent) => product * extent, 1);
const isListed = ({ stored }: LayerValues): boolean =>
  stored!.encoding.name !== "apot" || (stored!.encoding.parameters.bits as number) <= 5;

describe("the array of shift-and-add units", () => {
  it("takes the cycles and makes the counts of a scheduler that takes term after term", () => {
    const layers = fc
      .oneof(powerLayers.filter(isListed), narrowLayers([2, 4, 8], false))
      .filter((layer) => productsOf(layer) <= 64);
    fc.assert(
      fc.property(machines, layers, (machine, layer) => {
        const timing = new ShiftAddArray(machine, WIDE).prepare(layer).timeTile(wholeTile(layer));

        expect(timing).toMatchObject(schedule(layer, machine));
      }),
      { numRuns: 150 },
    );
  });

  it("has the sums of the kernel on the packed form that it consumes", () => {
    const layers = powerLayers.filter(({ ifmap }) => ifmap instanceof Int8Array);
    fc.assert(
      fc.property(machines, layers, (machine, layer) => {
        const { G, N, K, C, P, Q, R, S } = layer.bounds;
        const { window } = layer;
        const shape = { reduction: C * R * S, columns: G * K, valueBits: 16, kernelSize: R * S };
        const columns = Int32Array.from(
          layer.weight,
          (_, at) => layer.weight[(at % shape.columns) * shape.reduction + Math.floor(at / shape.columns)]!,
        );
        const encoding = createEncoding(layer.stored.encoding);
        const where = geometry({
          sizes: [window.ifmapHeight, window.ifmapWidth],
          kernel: [R, S],
          strides: [window.strideHeight, window.strideWidth],
          dilations: [window.dilationHeight, window.dilationWidth],
          padBegins: [window.padTop, window.padLeft],
          padEnds: [window.padBottom, window.padRight],
          outputs: [P, Q],
        });
        const packed = encoding.pack(columns, shape);
        const conv = preparePackedConv(packed, encoding, { channels: G * C, groups: G, geometry: where });
        const sums = conv.convolve({ values: layer.ifmap as Int8Array, batch: N, zero: 0 });

        const { ofmap } = new ShiftAddArray(machine, WIDE).prepare(layer).runTile(wholeTile(layer));

        // The kernel gives [N, G*K, P, Q], the array [N, P, Q, G*K].
        const turned = Array.from(ofmap, (_, at) => {
          const [channel, position] = [at % (G * K), Math.floor(at / (G * K))];
          const image = Math.floor(position / (P * Q));
          return sums[(image * G * K + channel) * P * Q + (position % (P * Q))]!;
        });
        expect([...ofmap]).toEqual(turned);
      }),
      { numRuns: 100 },
    );
  });
});
