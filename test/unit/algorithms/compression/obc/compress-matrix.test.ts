/** OBC's methods on a layer with what it read: what is stored, what stays, and what each parameter moves. */
import { describe, expect, it } from "vitest";
import { createMethod, parseMethodChoice } from "../../../../../algorithms/compression/index.js";
import { blockSizeFor } from "../../../../../algorithms/compression/obc/layer-filters.js";
import { outputNoise, weightErrors } from "../../../../../algorithms/compression/output-noise.js";
import { storedBitsOf } from "../../../../../algorithms/compression/stored-bits.js";
import {
  type CompressedMatrix,
  measureError,
  scaleOfColumn,
} from "../../../../../algorithms/compression/weight-matrix.js";
import { ConfigError } from "../../../../../sim/core/errors.js";
import { createEncoding } from "../../../../../sim/ir/encodings/index.js";
import { correlatedProducts, evenWeights, inputsOf, magnitudeOf } from "../../../../helpers/obc-layers.js";

const [SIZE, COLUMNS] = [24, 8];
const matrix = evenWeights(SIZE, COLUMNS, "matrix");
const inputs = inputsOf(correlatedProducts(SIZE, "matrix"), SIZE);

const compress = (text: string, seen = true) =>
  createMethod(parseMethodChoice(text)).compressWeights(matrix, seen ? inputs : undefined);
const noiseOf = (compressed: CompressedMatrix) => outputNoise(matrix, weightErrors(matrix, compressed), inputs);

describe("obs and obq", () => {
  it.each([
    ["obs:n=2,m=4", "nm", { n: 2, m: 4, valueBits: 8 }, 8 + 2],
    ["obs:n=2,m=4,bits=4", "nm", { n: 2, m: 4, valueBits: 4 }, 4 + 2],
    ["obq:bits=4", "dense", { valueBits: 4 }, 8],
  ])("%s are stored as %s", (text, name, parameters, bitsOfTwo) => {
    const compressed = compress(text);

    expect(compressed.encoding).toMatchObject({ name, parameters: { ...parameters, scales: "channel" } });
    const { valueBits, metadataBits } = storedBitsOf(matrix, compressed);
    // Every two weights, of which N:M stores one with its position; 32 bits of scale a column.
    expect(valueBits + metadataBits).toBe((SIZE * COLUMNS * bitsOfTwo) / 2 + 32 * COLUMNS);
  });

  it.each([1, 4])("a part of the weights in blocks of %i is stored as a bitmap of its own density", (block) => {
    const compressed = compress(`obs:sparsity=0.5,block=${block}`);

    const nonZeros = compressed.codes.filter((code) => code !== 0).length;
    expect(nonZeros).toBeLessThanOrEqual((SIZE * COLUMNS) / 2);
    expect(compressed.encoding.name).toBe("bitmap");
    const encoding = createEncoding(compressed.encoding);
    const shape = { reduction: SIZE, columns: COLUMNS, valueBits: 8 };
    expect(encoding.work(shape).storedValues).toBe(nonZeros);
    // Packed codes are without the scales, 32 bits a column.
    const { valueBits, metadataBits } = encoding.pack(compressed.codes, shape).bits;
    expect(encoding.storedBits(shape)).toEqual({ valueBits, metadataBits: metadataBits + 32 * COLUMNS });
    for (let at = 0; at < compressed.codes.length && block > 1; at++) {
      const [row, column] = [Math.floor(at / COLUMNS), at % COLUMNS];
      const first = (row - (row % block)) * COLUMNS + column;
      const own = Array.from({ length: block }, (_, offset) => compressed.codes[first + offset * COLUMNS]!);
      if (own.filter((code) => code !== 0).length > 0)
        expect(own.filter((code) => code === 0).length).toBeLessThan(block);
    }
  });

  it("lose less of the outputs than what they stand beside", () => {
    expect(noiseOf(compress("obs:n=2,m=4"))).toBeLessThan(noiseOf(compress("magnitude:n=2,m=4")));
    expect(noiseOf(compress("obq:bits=3"))).toBeLessThan(noiseOf(compress("int:bits=3,rounding=nearest")));
    expect(noiseOf(compress("obs:n=2,m=4,bits=3"))).toBeLessThan(
      noiseOf(compress("obs:n=2,m=4,bits=3,rounding=nearest")),
    );
    expect(noiseOf(compress("obs:sparsity=0.5"))).toBeLessThan(noiseOf(compress("obs:n=2,m=4")));
    expect(noiseOf(compress("obs:sparsity=0.5"))).toBeLessThan(noiseOf(compress("obs:sparsity=0.5,block=4")));
  });

  it.each(["scale=max", "scale=mse", "damping=0", "granularity=tensor", "deviations=true"])(
    "%s makes other weights",
    (more) => {
      const [usual, other] = [compress("obq:bits=3"), compress(`obq:bits=3,${more}`)];

      expect([...other.codes, ...other.scales]).not.toEqual([...usual.codes, ...usual.scales]);
    },
  );

  it("are stored along channels where groups lie so", () => {
    const filter = { channels: 6, kernelHeight: 2, kernelWidth: 2, isConvolution: true };
    const convolution = { ...matrix, filter };
    const method = createMethod(parseMethodChoice("obs:n=1,m=2,axis=channels"));
    for (const seen of [inputs, undefined]) {
      const compressed = method.compressWeights(convolution, seen);

      expect(compressed.encoding.parameters).toMatchObject({ n: 1, m: 2, axis: "channels" });
      expect(storedBitsOf(convolution, compressed).valueBits).toBe((SIZE * COLUMNS * 8) / 2);
      for (let row = 0; row < SIZE; row += 8) {
        for (let at = row * COLUMNS; at < (row + 4) * COLUMNS; at++) {
          expect([compressed.codes[at], compressed.codes[at + 4 * COLUMNS]]).toContain(0);
        }
      }
    }
  });

  it("prune by magnitude and round to the nearest where nothing is known of the inputs, and say so", () => {
    const pruned = compress("obs:n=2,m=4,scale=max", false);

    expect(pruned.codes).toEqual(magnitudeOf(matrix));
    expect(pruned.inputsAtOnce).toBe(0);
    expect(compress("obs:n=2,m=4").inputsAtOnce).toBeUndefined();
    const part = compress("obs:sparsity=0.25", false);
    const gone = [...part.codes.keys()].filter((at) => part.codes[at] === 0).map((at) => Math.abs(matrix.values[at]!));
    const kept = [...part.codes.keys()].filter((at) => part.codes[at] !== 0).map((at) => Math.abs(matrix.values[at]!));
    expect(gone).toHaveLength((SIZE * COLUMNS) / 4);
    expect(Math.max(...gone)).toBeLessThanOrEqual(Math.min(...kept));
  });

  it("give outputs the deviation of the given ones with deviations=true", () => {
    const compressed = compress("obs:n=2,m=4,bits=4,deviations=true");
    for (let column = 0; column < COLUMNS; column++) {
      const [given, made] = [0, 1].map((kind) => {
        const vector = Array.from({ length: SIZE }, (_, row) => {
          const at = row * COLUMNS + column;
          return kind === 0 ? matrix.values[at]! : compressed.codes[at]! * scaleOfColumn(compressed, column);
        });
        let variance = 0;
        for (let i = 0; i < SIZE; i++) {
          for (let j = 0; j < SIZE; j++) variance += vector[i]! * inputs.products![i * SIZE + j]! * vector[j]!;
        }
        return variance;
      });
      expect(made! / given!).toBeCloseTo(1, 5);
    }
  });

  it("are worked on at once up to 600 inputs, or where that takes seconds, and else in whole groups of about 256", () => {
    expect(blockSizeFor(600, 1e6, 1)).toBe(600);
    expect(blockSizeFor(2048, 16, 4)).toBe(2048);
    expect(blockSizeFor(2048, 2048, 4)).toBe(256);
    expect(blockSizeFor(2048, 2048, 3)).toBe(255);
    expect(blockSizeFor(2048, 2048, 1024)).toBe(1024);
  });

  it("have zeros everywhere for weights of nothing", () => {
    const nothing = { ...matrix, values: new Float32Array(SIZE * COLUMNS) };
    for (const text of ["obs:n=2,m=4", "obs:sparsity=0.5", "obq:bits=4"]) {
      const compressed = createMethod(parseMethodChoice(text)).compressWeights(nothing, inputs);

      expect(measureError(nothing, compressed)).toMatchObject({ meanSquaredError: 0, sparsityFraction: 1 });
    }
  });
});

describe("parameters", () => {
  it.each([
    ["obs", /a sparsity, or n and m/],
    ["obs:n=2", /n and m together/],
    ["obs:n=5,m=4", /n may not exceed m/],
    ["obs:n=2,m=4,sparsity=0.5", /and not both/],
    ["obs:sparsity=0.5,axis=channels", /an axis only with n and m/],
    ["obs:n=2,m=4,block=4", /a block only with sparsity/],
    ["obs:sparsity=1.5", /where: --method.obs.sparsity/],
    ["obq:bits=9", /where: --method.obq.bits/],
    ["obq:damping=-1", /where: --method.obq.damping/],
    ["obq:deviations=true,granularity=tensor", /true only with granularity=channel/],
    ["obc", /where: --method.obc.target/],
    ["obc:target=0", /where: --method.obc.target/],
    ["obc:target=0.5,sparsest=1", /where: --method.obc.sparsest/],
    ["obc:target=0.5,n=5", /n may not exceed m/],
  ])("%s is refused", (text, message) => {
    const make = () => createMethod(parseMethodChoice(text));

    expect(make).toThrow(ConfigError);
    expect(make).toThrow(message);
  });
});
