/**
 * Channel pruning: whole input and output channels are gone, and what is left is a smaller dense matrix, row-major. The metadata
 * lists them: how many input channels are kept, then their numbers, rising; the same for output channels (columns). An input
 * channel is kept when any of its R*S rows has a non-zero, an output channel when its column has one.
 * Source: He et al., 'Channel Pruning for Accelerating Very Deep Neural Networks', ICCV 2017; the lists are ours.
 */
import { z } from "zod";
import { BitReader, BitWriter, bitsFor } from "./bit-packing.js";
import { densityField, statedDensity } from "./density.js";
import type { Encoding, EncodingWork, PackedMatrix, StoredBits, WeightMatrixShape } from "./encoding.js";
import { defineEncoding } from "./encoding-kind.js";
import { brokenBytes, checkBytes, checkShape, checkValues, packedMatrix } from "./matrix-checks.js";
import { SCALE_FIELDS, VALUE_FIELDS } from "./scales.js";

const SOURCE = "He et al., ICCV 2017";

const table = z.strictObject({
  density: densityField("Part of the output channels that are kept, rounded, at least one"),
  inputDensity: densityField("Part of the input channels that are kept, rounded, at least one; all unless given"),
  ...VALUE_FIELDS,
  ...SCALE_FIELDS,
});

/** Numbers of the channels that are kept. */
export interface KeptChannels {
  readonly inputs: Int32Array;
  readonly outputs: Int32Array;
}

export const CHANNEL = defineEncoding(
  {
    name: "channel",
    description: "A smaller dense matrix: whole input and output channels are gone",
    source: SOURCE,
    table,
  },
  (parameters) => new ChannelEncoding(parameters),
);

export class ChannelEncoding implements Encoding {
  readonly name = "channel";
  readonly isFixedSize = false;
  readonly #density: number | undefined;
  readonly #inputDensity: number;

  constructor(parameters: { readonly density?: number | undefined; readonly inputDensity?: number | undefined }) {
    this.#density = parameters.density;
    this.#inputDensity = parameters.inputDensity ?? 1;
  }

  storedBits(shape: WeightMatrixShape): StoredBits {
    const { inputs, outputs, work } = this.#stated(shape);
    return { valueBits: work.storedValues * shape.valueBits, metadataBits: listBits(shape, inputs, outputs) };
  }

  work(shape: WeightMatrixShape): EncodingWork {
    return this.#stated(shape).work;
  }

  #stated(shape: WeightMatrixShape) {
    checkShape(this.name, shape);
    const { reduction, columns, kernelSize = 1 } = shape;
    const keep = (density: number, channels: number): number =>
      Math.min(channels, Math.max(1, Math.round(density * channels)));
    const inputs = keep(this.#inputDensity, reduction / kernelSize);
    const outputs = keep(statedDensity(this.name, this.#density), columns);
    return { inputs, outputs, work: workOf(shape, inputs, outputs) };
  }

  pack(values: Int32Array, shape: WeightMatrixShape): PackedMatrix {
    checkValues(this.name, values, shape);
    const { columns, valueBits, kernelSize = 1 } = shape;
    const { inputs, outputs } = keptIn(values, shape);
    const work = workOf(shape, inputs.length, outputs.length);
    const metadata = new BitWriter(listBits(shape, inputs.length, outputs.length));
    for (const [kept, all] of [
      [inputs, shape.reduction / kernelSize],
      [outputs, columns],
    ] as const) {
      metadata.write(kept.length, bitsFor(all + 1));
      for (const channel of kept) metadata.write(channel, bitsFor(all));
    }
    const writer = new BitWriter(work.storedValues * valueBits);
    for (const input of inputs) {
      for (let row = input * kernelSize; row < (input + 1) * kernelSize; row++) {
        for (const column of outputs) writer.write(values[row * columns + column]!, valueBits);
      }
    }
    return packedMatrix(shape, writer, metadata, work);
  }

  check(packed: PackedMatrix): void {
    checkShape(this.name, packed.shape);
    const { reduction, columns, valueBits, kernelSize = 1 } = packed.shape;
    const reader = new BitReader(packed.metadata);
    const bitsThere = packed.metadata.length * 8;
    let bits = 0;
    const readList = (channels: number): number => {
      const length = reader.readUnsigned(bitsFor(channels + 1));
      bits += bitsFor(channels + 1) + length * bitsFor(channels);
      if (length > channels || bits > bitsThere) {
        throw brokenBytes(this.name, `a list of ${length} channels in ${bitsThere / 8} bytes`, `at most ${channels}`);
      }
      let last = -1;
      for (let at = 0; at < length; at++) {
        const channel = reader.readUnsigned(bitsFor(channels));
        if (channel <= last || channel >= channels) {
          throw brokenBytes(this.name, `channel ${channel} after ${last}`, `rising numbers below ${channels}`);
        }
        last = channel;
      }
      return length;
    };
    const inputs = readList(reduction / kernelSize);
    const outputs = readList(columns);
    checkBytes(this.name, packed, "metadata", bits);
    checkBytes(this.name, packed, "values", inputs * kernelSize * outputs * valueBits);
  }

  unpack(packed: PackedMatrix): Int32Array {
    this.check(packed);
    const { reduction, columns, valueBits, kernelSize = 1 } = packed.shape;
    const { inputs, outputs } = readKeptChannels(packed);
    const values = new Int32Array(reduction * columns);
    const stored = new BitReader(packed.values);
    for (const input of inputs) {
      for (let row = input * kernelSize; row < (input + 1) * kernelSize; row++) {
        for (const column of outputs) values[row * columns + column] = stored.readSigned(valueBits);
      }
    }
    return values;
  }
}

/** The lists of a packed matrix that was checked. */
export function readKeptChannels({ shape, metadata }: PackedMatrix): KeptChannels {
  const reader = new BitReader(metadata);
  const readList = (channels: number): Int32Array => {
    const length = reader.readUnsigned(bitsFor(channels + 1));
    return Int32Array.from({ length }, () => reader.readUnsigned(bitsFor(channels)));
  };
  const inputs = readList(shape.reduction / (shape.kernelSize ?? 1));
  return { inputs, outputs: readList(shape.columns) };
}

function keptIn(values: Int32Array, { reduction, columns, kernelSize = 1 }: WeightMatrixShape): KeptChannels {
  // Rows come in order, so that input channels are met rising; output channels are not.
  const inputs = new Set<number>();
  const outputs = new Set<number>();
  for (let row = 0; row < reduction; row++) {
    for (let column = 0; column < columns; column++) {
      if (values[row * columns + column] === 0) continue;
      inputs.add(Math.floor(row / kernelSize));
      outputs.add(column);
    }
  }
  return { inputs: Int32Array.from(inputs), outputs: Int32Array.from(outputs).sort() };
}

function listBits({ reduction, columns, kernelSize = 1 }: WeightMatrixShape, inputs: number, outputs: number): number {
  const channels = reduction / kernelSize;
  return bitsFor(channels + 1) + inputs * bitsFor(channels) + bitsFor(columns + 1) + outputs * bitsFor(columns);
}

function workOf(shape: WeightMatrixShape, inputs: number, outputs: number): EncodingWork {
  const { reduction, columns, kernelSize = 1 } = shape;
  const rows = inputs * kernelSize;
  return {
    storedValues: rows * outputs,
    reductionLength: outputs === 0 ? 0 : rows,
    decodedValues: reduction * columns,
  };
}
