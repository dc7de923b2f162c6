import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError, NetworkError } from "../../../../../sim/core/errors.js";
import { createEncoding, parseEncodingChoice } from "../../../../../sim/ir/encodings/index.js";
import { packScales, type ScaleLayout, scaleBits, unpackScales } from "../../../../../sim/ir/encodings/scales.js";

const SHAPE = { reduction: 100, columns: 6, valueBits: 8 };
const NONE = new Int32Array(0);

function layout(given: Partial<ScaleLayout>): ScaleLayout {
  return { granularity: "channel", group: 32, format: "fp32", zeroPointBits: 0, ...given };
}

describe("scales", () => {
  it.each([
    // One of 32 bits; 6 of 32 + 8 bits; 6 columns of ceil(100 / g) groups.
    ["dense:scales=tensor", 32],
    ["dense:scales=channel,zeroPointBits=8", 6 * 40],
    ["dense:scales=group,scaleFormat=fp16", 6 * 4 * 16],
    ["dense:scales=group,scaleGroup=64,scaleFormat=bf16,zeroPointBits=4", 6 * 2 * 20],
    ["dense:scales=group,scaleGroup=128,scaleFormat=e8m0", 6 * 1 * 8],
  ])("of '%s' take %i bits of metadata", (text, bits) => {
    expect(createEncoding(parseEncodingChoice(text)).storedBits(SHAPE)).toEqual({
      valueBits: 4800,
      metadataBits: bits,
    });
  });

  it("pack in as many bytes as they are counted with, and come back the same", () => {
    const layouts = fc.record({
      granularity: fc.constantFrom("tensor", "channel", "group"),
      group: fc.integer({ min: 1, max: 40 }),
      format: fc.constantFrom("fp32", "fp16", "bf16", "e8m0"),
      zeroPointBits: fc.integer({ min: 0, max: 16 }),
    });
    const sizes = fc.record({ reduction: fc.nat(50), columns: fc.nat(7), valueBits: fc.constant(8) });
    fc.assert(
      fc.property(layouts, sizes, fc.nat(), (chosen, shape, seed) => {
        const groups = {
          tensor: 1,
          channel: shape.columns,
          group: shape.columns * Math.ceil(shape.reduction / chosen.group),
        };
        const count = shape.reduction * shape.columns === 0 ? 0 : groups[chosen.granularity];
        // Powers of two within binary16's normal range: every format has them.
        const scales = Float32Array.from({ length: count }, (_, at) => 2 ** (((seed + 7 * at) % 29) - 14));
        const reach = 2 ** (chosen.zeroPointBits - 1);
        const zeroPoints = Int32Array.from({ length: chosen.zeroPointBits === 0 ? 0 : count }, (_, at) =>
          at % 2 === 0 ? -reach : Math.ceil(reach) - 1,
        );

        const bytes = packScales(chosen, shape, { scales, zeroPoints });

        expect(bytes.length).toBe(Math.ceil(scaleBits(chosen, shape) / 8));
        expect(unpackScales(chosen, shape, bytes)).toEqual({ scales, zeroPoints });
      }),
    );
  });

  it("are written as the formats say", () => {
    const shape = { reduction: 1, columns: 2, valueBits: 8 };
    const bytes = (format: ScaleLayout["format"]) => [
      ...packScales(layout({ format }), shape, { scales: Float32Array.of(0.5, 2), zeroPoints: NONE }),
    ];

    // IEEE 754: 0.5 is 3f000000, 3800; 2 is 40000000, 4000. E8M0: exponent + 127.
    expect(bytes("fp32")).toEqual([0, 0, 0, 0x3f, 0, 0, 0, 0x40]);
    expect(bytes("fp16")).toEqual([0, 0x38, 0, 0x40]);
    expect(bytes("bf16")).toEqual([0, 0x3f, 0, 0x40]);
    expect(bytes("e8m0")).toEqual([126, 128]);
  });

  it.each([
    ["e8m0", 3],
    ["e8m0", 2 ** -128],
    ["fp16", 1e-9],
    ["fp16", 70000],
    ["bf16", 1 + 2 ** -20],
    ["fp32", 0],
    ["fp32", -1],
    ["fp32", Number.NaN],
    ["fp32", Number.POSITIVE_INFINITY],
  ] as const)("that %s does not have are refused: %d", (format, scale) => {
    const pack = () =>
      packScales(layout({ format, granularity: "tensor" }), SHAPE, {
        scales: Float32Array.of(scale),
        zeroPoints: NONE,
      });

    expect(pack).toThrow(ConfigError);
    expect(pack).toThrow(new RegExp(`scale 0[\\s\\S]*a positive number that ${format} has`));
  });

  it("are counted, and zero points must fit their bits", () => {
    const two = { scales: Float32Array.of(1, 1), zeroPoints: Int32Array.of(7, 8) };
    const shape = { reduction: 3, columns: 2, valueBits: 8 };

    expect(() => packScales(layout({}), shape, { ...two, zeroPoints: NONE, scales: Float32Array.of(1) })).toThrow(
      /1 scales/,
    );
    expect(() => packScales(layout({ zeroPointBits: 4 }), shape, two)).toThrow(/zero point 1[\s\S]*-8 to 7/);
    const low = { ...two, zeroPoints: Int32Array.of(-9, 0) };
    expect(() => packScales(layout({ zeroPointBits: 4 }), shape, low)).toThrow(/zero point 0[\s\S]*-8 to 7/);
  });

  it("that are cut off or no numbers are refused when read", () => {
    const shape = { reduction: 3, columns: 2, valueBits: 8 };

    expect(() => unpackScales(layout({ format: "e8m0" }), shape, Uint8Array.of(1))).toThrow(NetworkError);
    expect(() => unpackScales(layout({ format: "e8m0" }), shape, Uint8Array.of(1, 255))).toThrow(/code 255 of scale 1/);
    expect(() => unpackScales(layout({ format: "fp16" }), shape, Uint8Array.of(0, 0xfc, 0, 0x38))).toThrow(
      NetworkError,
    );
  });

  it.each([
    ["dense:scaleFormat=fp16", /scaleFormat[\s\S]*no scales[\s\S]*scales=channel/],
    ["dense:zeroPointBits=8", /zeroPointBits/],
    ["dense:scales=tensor,scaleGroup=32", /scaleGroup[\s\S]*scales=tensor[\s\S]*scales=group/],
    ["dense:scales=row", /scales/],
    ["dense:scales=group,scaleGroup=0", /scaleGroup/],
  ])("'%s' is refused", (text, message) => {
    expect(() => createEncoding(parseEncodingChoice(text))).toThrow(message);
  });
});
