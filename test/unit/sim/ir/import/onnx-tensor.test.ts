import { create } from "@bufbuild/protobuf";
import { type TensorProto, TensorProtoSchema } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { NetworkError, UnsupportedError } from "../../../../../sim/core/errors.js";
import { readTensorProto } from "../../../../../sim/ir/import/onnx-tensor.js";

type Fields = Partial<Omit<TensorProto, "$typeName" | "dims">>;

function read(dataType: number, shape: readonly number[], fields: Fields) {
  return readTensorProto(create(TensorProtoSchema, { dims: shape.map(BigInt), dataType, ...fields }), "t", undefined);
}

const raw = (...bytes: number[]): Fields => ({ rawData: Uint8Array.from(bytes) });

describe("stored tensors", () => {
  it.each([
    // type, name, bytes (little endian), values
    [1, "fp32", [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0], [1, -2]],
    [2, "uint8", [0, 255], [0, 255]],
    [3, "int8", [1, 0xff], [1, -1]],
    [4, "uint16", [0xff, 0xff, 1, 0], [65535, 1]],
    [5, "int16", [0xff, 0xff, 1, 0], [-1, 1]],
    [6, "int32", [0xfe, 0xff, 0xff, 0xff, 7, 0, 0, 0], [-2, 7]],
    [7, "int64", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 5, 0, 0, 0, 0, 0, 0, 0], [-1n, 5n]],
    [9, "bool", [0, 1], [0, 1]],
    // half: 0x3c00 = 1, 0x0001 = 2^-24 (smallest subnormal)
    [10, "fp16", [0x00, 0x3c, 0x01, 0x00], [1, 2 ** -24]],
    [11, "fp64", [0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0], [1, 0]],
    [12, "uint32", [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], [4294967295, 0]],
    [13, "uint64", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0], [2n ** 64n - 1n, 0n]],
    // bfloat16: the upper half of float32: 0x3f80 = 1, 0xc000 = -2
    [16, "bf16", [0x80, 0x3f, 0x00, 0xc0], [1, -2]],
    // E4M3FN: 0x38 = 2^0, 0x7e = 448 (largest)
    [17, "fp8", [0x38, 0x7e], [1, 448]],
    // E4M3FNUZ: bias 8, so 0x40 = 1; 0x7f = 240 (largest)
    [18, "fp8", [0x40, 0x7f], [1, 240]],
    // E5M2: 0x3c = 1, 0x7b = 57344 (largest)
    [19, "fp8", [0x3c, 0x7b], [1, 57344]],
    // E5M2FNUZ: bias 16, so 0x40 = 1; 0x7f = 57344
    [20, "fp8", [0x40, 0x7f], [1, 57344]],
    // E8M0: 2^(code - 127)
    [24, "fp8", [127, 130], [1, 8]],
    // low nibble first: 0x8f holds 15 then 8
    [21, "uint4", [0x8f], [15, 8]],
    [22, "int4", [0x8f], [-1, -8]],
    // E2M1: codes 0..7 are 0, 0.5, 1, 1.5, 2, 3, 4, 6
    [23, "fp4", [0xf3], [1.5, -6]],
    // 2 bits a value, lowest first: 0b1110 is 2 then 3
    [25, "uint2", [0b1110], [2, 3]],
    [26, "int2", [0b1110], [-2, -1]],
  ] as const)("decodes raw data of element type %i (%s)", (dataType, precision, bytes, values) => {
    const tensor = read(dataType, [2], raw(...bytes));

    expect(tensor.precision).toBe(precision);
    expect([...tensor.load()]).toEqual(values);
  });

  it.each([
    [1, { floatData: [1.5, -2] }, [1.5, -2]],
    [11, { doubleData: [1.5, -2] }, [1.5, -2]],
    [7, { int64Data: [1n, -2n] }, [1n, -2n]],
    [13, { uint64Data: [1n, 2n ** 63n] }, [1n, 2n ** 63n]],
    [12, { uint64Data: [1n, 4000000000n] }, [1, 4000000000]],
    [6, { int32Data: [1, -2] }, [1, -2]],
    [5, { int32Data: [1, -2] }, [1, -2]],
    [4, { int32Data: [1, 65535] }, [1, 65535]],
    [3, { int32Data: [1, -2] }, [1, -2]],
    [2, { int32Data: [1, 255] }, [1, 255]],
    [9, { int32Data: [1, 0] }, [1, 0]],
    // half bits 0x3c00 = 1, 0xc000 = -2
    [10, { int32Data: [0x3c00, 0xc000] }, [1, -2]],
    [16, { int32Data: [0x3f80, 0xc000] }, [1, -2]],
    // two 4-bit values in one int32 entry
    [22, { int32Data: [0x21] }, [1, 2]],
  ] as [number, Fields, (number | bigint)[]][])("decodes typed data of element type %i", (dataType, fields, values) => {
    expect([...read(dataType, [2], fields).load()]).toEqual(values);
  });

  it("reads raw data at an odd offset of the file", () => {
    const file = Uint8Array.from([9, 0, 0, 0x80, 0x3f]);

    const tensor = read(1, [1], { rawData: file.subarray(1) });

    expect([...tensor.load()]).toEqual([1]);
  });

  it("gives a copy, so that a caller cannot write into the file's bytes", () => {
    const tensor = read(2, [2], raw(1, 2));

    tensor.load()[0] = 77;

    expect([...tensor.load()]).toEqual([1, 2]);
  });

  it("accepts an empty tensor and a scalar", () => {
    expect(read(1, [0, 3], {}).load()).toHaveLength(0);
    expect([...read(2, [], raw(7)).load()]).toEqual([7]);
  });

  it.each([
    ["too few raw bytes", 1, [2], raw(0, 0, 0, 0), /4 bytes of raw data[\s\S]*8 bytes for fp32 of shape \[2\]/],
    ["too many raw bytes", 2, [1], raw(0, 0), /2 bytes of raw data/],
    ["too few typed values", 1, [2], { floatData: [1] }, /1 values[\s\S]*2 for/],
    ["no data", 1, [2], {}, /0 values/],
    ["raw and typed data", 1, [1], { ...raw(0, 0, 0, 0), floatData: [1] }, /both raw data and typed data/],
    ["an enormous shape", 2, [2 ** 40, 2 ** 40], raw(0), /2\^47 elements/],
    ["external data of a model without a file", 1, [1], { dataLocation: 1 }, /external data/],
  ] as [string, number, number[], Fields, RegExp][])("refuses %s", (_, dataType, shape, fields, message) => {
    expect(() => read(dataType, shape, fields)).toThrow(NetworkError);
    expect(() => read(dataType, shape, fields)).toThrow(message);
  });

  it("refuses a negative dimension", () => {
    expect(() => read(1, [-1], {})).toThrow(/dimension -1/);
  });

  it.each([
    [8, /STRING/],
    [14, /COMPLEX64/],
    [0, /element type 0/],
    [99, /element type 99/],
  ])("says that element type %i is not supported", (dataType, message) => {
    expect(() => read(dataType, [1], raw(0))).toThrow(UnsupportedError);
    expect(() => read(dataType, [1], raw(0))).toThrow(message);
  });
});
