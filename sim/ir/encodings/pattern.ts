/**
 * Kernel patterns: the non-zeros of each kernel (R*S weights) lie within one pattern of a small dictionary. A kernel stores the
 * pattern's number in ceil(log2(patterns)) bits and a value for each of its places; the dictionary is stored once, a mask of R*S
 * bits a pattern, all with the same number of places. Kernels of no more than `entries` positions (1x1) have one pattern, all of
 * them. Kernels go column by column along the reduction. Left out: connectivity pruning, which drops whole kernels.
 * Source: Niu et al., 'PatDNN', ASPLOS 2020 (patterns of 4 entries in 3x3 kernels, 6 to 12 of them).
 */
import { z } from "zod";
import { ConfigError } from "../../core/errors.js";
import { count } from "../../core/params.js";
import { BitReader, BitWriter, bitsFor } from "./bit-packing.js";
import type { Encoding, EncodingWork, PackedMatrix, StoredBits, WeightMatrixShape } from "./encoding.js";
import { defineEncoding } from "./encoding-kind.js";
import { brokenBytes, checkBytes, checkShape, checkValues, packedMatrix } from "./matrix-checks.js";
import { choosePatterns, patternFor, supportOf } from "./pattern-dictionary.js";
import { SCALE_FIELDS, VALUE_FIELDS } from "./scales.js";

const SOURCE = "Niu et al., ASPLOS 2020";

const table = z.strictObject({
  entries: count(1, 64, { description: "Values that a pattern keeps of a kernel", source: SOURCE }).default(4),
  patterns: count(1, 256, { description: "Patterns in the dictionary", source: SOURCE }).default(8),
  ...VALUE_FIELDS,
  ...SCALE_FIELDS,
});

export const PATTERN = defineEncoding(
  { name: "pattern", description: "Kernels whose non-zeros follow one of a few patterns", source: SOURCE, table },
  (parameters) => new PatternEncoding(parameters),
);

export class PatternEncoding implements Encoding {
  readonly name = "pattern";
  readonly isFixedSize = false;
  readonly #entries: number;
  readonly #patterns: number;

  constructor(parameters: { readonly entries: number; readonly patterns: number }) {
    this.#entries = parameters.entries;
    this.#patterns = parameters.patterns;
  }

  /** What is stored for kernels of a size: values of a kernel, patterns of the dictionary, bits of a pattern's number. */
  layout({ kernelSize = 1 }: WeightMatrixShape) {
    const entries = Math.min(this.#entries, kernelSize);
    const patterns = Math.min(this.#patterns, combinations(kernelSize, entries, this.#patterns));
    return { kernelSize, entries, patterns, indexBits: bitsFor(patterns) };
  }

  storedBits(shape: WeightMatrixShape): StoredBits {
    const { storedValues } = this.work(shape);
    const { kernelSize, entries, patterns, indexBits } = this.layout(shape);
    return {
      valueBits: storedValues * shape.valueBits,
      metadataBits: patterns * kernelSize + (storedValues / entries) * indexBits,
    };
  }

  work(shape: WeightMatrixShape): EncodingWork {
    checkShape(this.name, shape);
    const { reduction, columns } = shape;
    const { kernelSize, entries } = this.layout(shape);
    const reductionLength = columns === 0 ? 0 : (reduction / kernelSize) * entries;
    return { storedValues: reductionLength * columns, reductionLength, decodedValues: reduction * columns };
  }

  pack(values: Int32Array, shape: WeightMatrixShape): PackedMatrix {
    checkValues(this.name, values, shape);
    const { reduction, columns, valueBits } = shape;
    const { kernelSize, entries, patterns, indexBits } = this.layout(shape);
    const dictionary = choosePatterns(values, shape, entries, patterns);
    const bits = this.storedBits(shape);
    const metadata = new BitWriter(bits.metadataBits);
    for (const pattern of dictionary) {
      for (let position = 0; position < kernelSize; position++) metadata.write(pattern.includes(position) ? 1 : 0, 1);
    }
    const writer = new BitWriter(bits.valueBits);
    for (let column = 0; column < columns; column++) {
      for (let from = 0; from < reduction; from += kernelSize) {
        const support = supportOf(values, shape, column, from);
        const index = patternFor(support, dictionary);
        if (index === -1) throw this.#noPattern(support, from, column, entries, patterns);
        metadata.write(index, indexBits);
        for (const position of dictionary[index]!)
          writer.write(values[(from + position) * columns + column]!, valueBits);
      }
    }
    return packedMatrix(shape, writer, metadata, this.work(shape));
  }

  check(packed: PackedMatrix): void {
    const { reduction, columns } = packed.shape;
    const bits = this.storedBits(packed.shape);
    checkBytes(this.name, packed, "values", bits.valueBits);
    checkBytes(this.name, packed, "metadata", bits.metadataBits);
    const { kernelSize, entries, patterns, indexBits } = this.layout(packed.shape);
    const { dictionary, rest } = this.readDictionary(packed);
    for (const [index, pattern] of dictionary.entries()) {
      if (pattern.length === entries) continue;
      throw brokenBytes(this.name, `pattern ${index} with ${pattern.length} places`, `${entries} places`);
    }
    for (let kernel = 0; kernel < (reduction / kernelSize) * columns; kernel++) {
      const index = rest.readUnsigned(indexBits);
      if (index >= patterns) throw brokenBytes(this.name, `pattern ${index} of kernel ${kernel}`, `below ${patterns}`);
    }
  }

  unpack(packed: PackedMatrix): Int32Array {
    this.check(packed);
    const { reduction, columns, valueBits } = packed.shape;
    const { kernelSize, indexBits } = this.layout(packed.shape);
    const { dictionary, rest } = this.readDictionary(packed);
    const stored = new BitReader(packed.values);
    const values = new Int32Array(reduction * columns);
    for (let column = 0; column < columns; column++) {
      for (let from = 0; from < reduction; from += kernelSize) {
        for (const position of dictionary[rest.readUnsigned(indexBits)]!) {
          values[(from + position) * columns + column] = stored.readSigned(valueBits);
        }
      }
    }
    return values;
  }

  /** The places of each pattern, and the reader that stands at the number of the first kernel. */
  readDictionary({ shape, metadata }: PackedMatrix) {
    const { kernelSize, patterns } = this.layout(shape);
    const rest = new BitReader(metadata);
    const dictionary = Array.from({ length: patterns }, () => {
      const places: number[] = [];
      for (let position = 0; position < kernelSize; position++) if (rest.readUnsigned(1) === 1) places.push(position);
      return places;
    });
    return { dictionary, rest };
  }

  #noPattern(support: readonly number[], from: number, column: number, entries: number, patterns: number): ConfigError {
    const tooMany = support.length > entries;
    return new ConfigError({
      where: `encoding pattern, kernel of weights [${from}.., ${column}]`,
      got: `non-zeros at its positions ${support.join(", ")}${tooMany ? "" : ", which no pattern of the dictionary has"}`,
      want: tooMany ? `at most ${entries} non-zeros` : `one of ${patterns} patterns of ${entries} positions`,
      fix: "prune the kernels to a dictionary of patterns first, or allow more patterns or entries",
    });
  }
}

/** Ways to choose `entries` of `positions`, counted no further than needed: at least `enough` when there are that many. */
function combinations(positions: number, entries: number, enough: number): number {
  let ways = 1;
  const fewer = Math.min(entries, positions - entries);
  for (let chosen = 1; chosen <= fewer && ways < enough; chosen++) ways = (ways * (positions - chosen + 1)) / chosen;
  return ways;
}
