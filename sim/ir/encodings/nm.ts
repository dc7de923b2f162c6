/**
 * N:M structured sparsity. A matrix is cut in groups of M values along an axis, of which at most N are not zero; N are stored, and
 * beside them their positions, one by one or as the number of the whole set. A ragged last group of g values stores min(N, g).
 * Groups follow each other along their lines (`nm-groups.ts`), positions rising; one with fewer non-zeros is filled with zeros of
 * its own. Groups along the reduction are what sparse arrays take; those along the output channels give columns of unequal length.
 * Source: Mishra et al., 'Accelerating Sparse Deep Neural Networks', arXiv 2104.08378, 2021 (2:4 sparse tensor cores).
 */
import { z } from "zod";
import { ConfigError } from "../../core/errors.js";
import { choice, count } from "../../core/params.js";
import { BitReader, BitWriter, bitsFor } from "./bit-packing.js";
import type { Encoding, EncodingWork, PackedMatrix, StoredBits, WeightMatrixShape } from "./encoding.js";
import { defineEncoding } from "./encoding-kind.js";
import { brokenBytes, checkBytes, checkShape, checkValues, packedMatrix } from "./matrix-checks.js";
import { forEachGroup, type GroupLines, groupLines, NM_AXES, type NmAxis } from "./nm-groups.js";
import { binomial, type GroupPositions, MAX_PATTERNS, NumberedSets, SeparatePositions } from "./nm-positions.js";
import { SCALE_FIELDS, VALUE_FIELDS } from "./scales.js";

const SOURCE = "Mishra et al., arXiv 2104.08378, 2021";

const MAX_GROUP = 1024;

export const nmTable = z
  .strictObject({
    n: count(1, MAX_GROUP, { description: "Values stored of each group", source: SOURCE }),
    m: count(1, MAX_GROUP, { description: "Values in a group along its axis", source: SOURCE }),
    axis: choice(NM_AXES, {
      description:
        "What a group lies along: a filter's reduction in its order c, r, s; the input channels at one position of the kernel; or the output channels at one place of the reduction, which no array takes as it is",
      source: `${SOURCE}: the reduction; channels: TensorRT's 2:4 convolutions`,
    }).default("filter"),
    metadata: choice(["positional", "combinatorial"], {
      description:
        "Positions of a group: each in ceil(log2 M) bits, or the number of their set in ceil(log2 C(M, N)) bits, 32 at most",
      source: `${SOURCE}: positional; combinatorial: Knuth, TAOCP 4A, section 7.2.1.3`,
    }).default("positional"),
    ...VALUE_FIELDS,
    ...SCALE_FIELDS,
  })
  .refine(({ n, m }) => n <= m, { message: "n may not exceed m", path: ["n"] })
  .refine(({ n, m, metadata }) => metadata === "positional" || binomial(m, n) <= MAX_PATTERNS, {
    message: "at most 2^32 sets of n out of m, numbered in 32 bits: smaller groups, or metadata=positional",
    path: ["metadata"],
  });

export const NM = defineEncoding(
  {
    name: "nm",
    description: "At most N non-zeros in each group of M values along an axis",
    source: SOURCE,
    table: nmTable,
  },
  (parameters) => new NmEncoding(parameters),
);

export class NmEncoding implements Encoding {
  readonly name = "nm";
  readonly isFixedSize: boolean;
  /** Values stored of a group, N. */
  readonly kept: number;
  /** Values of a group, M. */
  readonly group: number;
  readonly axis: NmAxis;
  readonly positions: GroupPositions;
  /** Bits that tell the values of a group apart. */
  readonly positionBits: number;

  constructor(parameters: {
    readonly n: number;
    readonly m: number;
    readonly axis?: NmAxis;
    readonly metadata?: "positional" | "combinatorial";
  }) {
    const { n, m, axis = "filter", metadata = "positional" } = parameters;
    this.kept = n;
    this.group = m;
    this.axis = axis;
    this.positionBits = bitsFor(m);
    this.positions = metadata === "positional" ? new SeparatePositions(n, m) : new NumberedSets(n);
    // Along the output channels the longest column depends on where the non-zeros are.
    this.isFixedSize = axis !== "columns";
  }

  storedBits(shape: WeightMatrixShape): StoredBits {
    const { storedValues } = this.work(shape);
    const { count, length } = groupLines(this.axis, shape);
    const ragged = length % this.group;
    const whole = Math.floor(length / this.group) * this.positions.bitsOf(this.group);
    const perLine = whole + (ragged === 0 ? 0 : this.positions.bitsOf(ragged));
    return { valueBits: storedValues * shape.valueBits, metadataBits: count * perLine };
  }

  /** Stored values of groups along the output channels are spread evenly over the columns where they are not known. */
  work(shape: WeightMatrixShape): EncodingWork {
    checkShape(this.name, shape);
    const { count, length } = groupLines(this.axis, shape);
    const perLine = Math.floor(length / this.group) * this.kept + Math.min(this.kept, length % this.group);
    return {
      storedValues: perLine * count,
      reductionLength: shape.columns === 0 ? 0 : Math.ceil((perLine * count) / shape.columns),
      decodedValues: shape.reduction * shape.columns,
    };
  }

  pack(values: Int32Array, shape: WeightMatrixShape): PackedMatrix {
    checkValues(this.name, values, shape);
    const bits = this.storedBits(shape);
    const writer = new BitWriter(bits.valueBits);
    const metadata = new BitWriter(bits.metadataBits);
    const lines = groupLines(this.axis, shape);
    const step = lines.rowStep * shape.columns + lines.columnStep;
    const positions = new Uint16Array(this.kept);
    const perColumn = new Int32Array(shape.columns);
    forEachGroup(lines, this.group, (row, column, length) => {
      const first = row * shape.columns + column;
      const nonZeros = countOfGroup(values, first, step, length);
      const stored = Math.min(this.kept, length);
      if (nonZeros > stored) throw this.#tooMany(nonZeros, stored, lines, row, column, length);
      keptPositions(values, first, step, length, stored - nonZeros, positions);
      for (let slot = 0; slot < stored; slot++) {
        writer.write(values[first + positions[slot]! * step]!, shape.valueBits);
        perColumn[column + positions[slot]! * lines.columnStep]!++;
      }
      this.positions.write(metadata, positions, length);
    });
    const reductionLength = perColumn.reduce((most, stored) => Math.max(most, stored), 0);
    return packedMatrix(shape, writer, metadata, { ...this.work(shape), reductionLength });
  }

  check(packed: PackedMatrix): void {
    const bits = this.storedBits(packed.shape);
    checkBytes(this.name, packed, "values", bits.valueBits);
    checkBytes(this.name, packed, "metadata", bits.metadataBits);
    const reader = new BitReader(packed.metadata);
    const positions = new Uint16Array(this.kept);
    forEachGroup(groupLines(this.axis, packed.shape), this.group, (_row, _column, length) => {
      const broken = this.positions.read(reader, positions, length);
      if (broken !== undefined) throw brokenBytes(this.name, broken, `rising positions below ${length}`);
    });
  }

  unpack(packed: PackedMatrix): Int32Array {
    this.check(packed);
    const { reduction, columns, valueBits } = packed.shape;
    const lines = groupLines(this.axis, packed.shape);
    const step = lines.rowStep * columns + lines.columnStep;
    const values = new Int32Array(reduction * columns);
    const reader = new BitReader(packed.values);
    const metadata = new BitReader(packed.metadata);
    const positions = new Uint16Array(this.kept);
    forEachGroup(lines, this.group, (row, column, length) => {
      this.positions.read(metadata, positions, length);
      const stored = Math.min(this.kept, length);
      for (let slot = 0; slot < stored; slot++) {
        values[row * columns + column + positions[slot]! * step] = reader.readSigned(valueBits);
      }
    });
    return values;
  }

  #tooMany(
    nonZeros: number,
    stored: number,
    { rowStep, columnStep }: GroupLines,
    row: number,
    column: number,
    length: number,
  ): ConfigError {
    const ratio = `${this.kept}:${this.group}`;
    const axis = this.axis === "filter" ? "the reduction axis" : `axis=${this.axis}`;
    return new ConfigError({
      where: `encoding nm, weights [${span(row, rowStep, length)}, ${span(column, columnStep, length)}]`,
      got: `${nonZeros} non-zeros in a group of ${length}`,
      want: `at most ${stored} (${ratio})`,
      fix: `prune the weights to ${ratio} along ${axis} first`,
    });
  }
}

/** `4..7`, `4..10 by 3` or `4`. */
function span(first: number, step: number, length: number): string {
  if (step === 0) return String(first);
  return `${first}..${first + (length - 1) * step}${step === 1 ? "" : ` by ${step}`}`;
}

function countOfGroup(values: Int32Array, first: number, step: number, length: number): number {
  let nonZeros = 0;
  for (let position = 0; position < length; position++) if (values[first + position * step] !== 0) nonZeros++;
  return nonZeros;
}

/** Positions that a group stores: those of its non-zeros and of its first zeros, in rising order. */
function keptPositions(
  values: Int32Array,
  first: number,
  step: number,
  length: number,
  zerosToStore: number,
  positions: Uint16Array,
): void {
  let slot = 0;
  let zeros = 0;
  for (let position = 0; position < length; position++) {
    if (values[first + position * step] === 0 && zeros++ >= zerosToStore) continue;
    positions[slot++] = position;
  }
}
