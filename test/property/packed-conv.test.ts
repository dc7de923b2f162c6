/** Convolutions from the packed form of every encoding, on both sets of kernels, against the dense plain loops on the same weights. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REFERENCE_KERNELS } from "../../algorithms/kernels/kernel-set.js";
import { preparePackedConv } from "../../algorithms/kernels/packed-conv.js";
import { ModelError, NetworkError } from "../../sim/core/errors.js";
import { createEncoding, ENCODINGS } from "../../sim/ir/encodings/index.js";
import { geometry, numbers, zeros } from "../helpers/kernel-tensors.js";
import { CONV, coded, LIMITS, outputsOf, stream } from "../helpers/simd-cases.js";
import { structuredWeights } from "../helpers/structured-weights.js";

const names = Object.keys(ENCODINGS) as (keyof typeof ENCODINGS)[];
const VALUE_BITS = fc.constantFrom(1, 4, 8, 9, 16, 17, 32);

describe.each(names)("convolution with filters packed as %s", (name) => {
  it("has the sums of the unpacked filters at any stride, padding, dilation and number of groups, for image after image", () => {
    fc.assert(
      fc.property(CONV, VALUE_BITS, (one, valueBits) => {
        const outputs = outputsOf(one);
        fc.pre(outputs.every((extent) => extent > 0));
        const draw = stream(one.seed);
        const [channels, columns] = [one.groups * one.groupChannels, one.groups * one.groupOutputs];
        const kernelSize = one.kernel.reduce((product, extent) => product * extent, 1);
        const shape = { reduction: one.groupChannels * kernelSize, columns, valueBits, kernelSize };
        const { choice, values } = structuredWeights(name, shape, one.seed);
        const encoding = createEncoding(choice);
        const where = { channels, groups: one.groups, geometry: geometry({ ...one, outputs }) };
        const turned = Array.from(
          values,
          (_, at) => values[(at % shape.reduction) * columns + Math.floor(at / shape.reduction)]!,
        );
        const weight = numbers([columns, one.groupChannels, ...one.kernel], "int32", turned);

        const packed = encoding.pack(values, shape);
        const [plain, simd] = (["reference", "simd"] as const).map((kind) =>
          preparePackedConv(packed, encoding, where, kind),
        );

        for (let image = 0; image < 2; image++) {
          const input = coded([one.batch, channels, ...one.sizes], one.inputType, draw);
          const zero = draw(...LIMITS[one.inputType]);
          const expected = zeros([one.batch, columns, ...outputs], "int32");
          const operands = { input, weight, inputZero: zero, weightZeros: [0], ...where };
          REFERENCE_KERNELS.convInteger(expected, operands);
          const given = { values: input.values as Int8Array, batch: one.batch, zero };
          expect([...simd!.convolve(given)]).toEqual([...expected.values]);
          expect([...plain!.convolve(given)]).toEqual([...expected.values]);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("packed filters", () => {
  const shape = { reduction: 4, columns: 2, valueBits: 8, kernelSize: 4 };
  const encoding = createEncoding({ name: "csr", parameters: {} });
  const packed = encoding.pack(Int32Array.of(1, 0, 0, 2, 0, 3, 4, 0), shape);
  const where = geometry({ sizes: [2, 2], kernel: [2, 2], outputs: [1, 1] });
  const given = { values: Int8Array.of(1, 2, 3, 4), batch: 1, zero: 0 };

  it("are taken tap by tap, row-major", () => {
    // Column 0 keeps taps 0 and 3: 1 * 1 + 4 * 4 = 17; column 1 keeps 1 and 2: 2 * 2 + 3 * 3 = 13.
    for (const kind of ["reference", "simd"] as const) {
      const prepared = preparePackedConv(packed, encoding, { channels: 1, groups: 1, geometry: where }, kind);

      expect([...prepared.convolve(given)]).toEqual([17, 13]);
    }
  });

  it("take a zero point that no byte holds, and filters of nothing", () => {
    const none = encoding.pack(new Int32Array(8), shape);
    for (const kind of ["reference", "simd"] as const) {
      const one = { channels: 1, groups: 1, geometry: where };

      // Differences are 1 - 1000 to 4 - 1000: -999 - 4 * 996 and -2 * 998 - 3 * 997 for the taps above.
      const far = preparePackedConv(packed, encoding, one, kind).convolve({ ...given, zero: 1000 });
      const nothing = preparePackedConv(none, encoding, one, kind).convolve(given);

      expect([...far]).toEqual([-4983, -4987]);
      expect([...nothing]).toEqual([0, 0]);
    }
  });

  it("refuse damaged bytes, and shapes that are not theirs", () => {
    const damaged = { ...packed, metadata: packed.metadata.slice(1) };
    const prepare = (of: typeof packed, channels: number, groups: number) => () =>
      preparePackedConv(of, encoding, { channels, groups, geometry: where }, "simd");

    expect(prepare(damaged, 1, 1)).toThrow(NetworkError);
    expect(prepare(packed, 2, 1)).toThrow(ModelError);
    expect(prepare(packed, 3, 3)).toThrow(/2 for 3 channels in 3 groups/);
    expect(() => prepare(packed, 1, 1)().convolve({ ...given, batch: 2 })).toThrow(/4 activations for 2 images of 4/);
  });
});
