import { ModelProtoSchema } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { NetworkError } from "../../../../../sim/core/errors.js";
import { decodeOnnxModel } from "../../../../../sim/ir/import/onnx.js";
import { checkWire, DEFAULT_WIRE_LIMITS } from "../../../../../sim/ir/import/onnx-wire.js";
import { floats, int64s, modelBytes, valueInfo } from "../../../../helpers/onnx-models.js";

const check = (bytes: readonly number[] | Uint8Array, limits = {}) =>
  checkWire(Uint8Array.from(bytes), ModelProtoSchema, "m", { ...DEFAULT_WIRE_LIMITS, ...limits });

/** ModelProto.graph is field 7 (tag 7<<3|2 = 0x3a), GraphProto.node field 1 (0x0a), initializer field 5 (0x2a). */
const GRAPH = 0x3a;
const NODE = 0x0a;
const INITIALIZER = 0x2a;

describe("the wire check before decoding", () => {
  it("accepts a sound model", () => {
    const bytes = modelBytes({
      inputs: [valueInfo("x", [1, 4])],
      initializers: [floats("w", [4, 2]), int64s("s", [1, 2])],
      nodes: [{ op: "MatMul", in: ["x", "w"], out: ["y"] }],
      outputs: ["y"],
    });

    expect(() => check(bytes)).not.toThrow();
  });

  it("refuses a length beyond the enclosing message and names the byte", () => {
    // graph of 3 bytes whose node claims 100 bytes; the length ends after byte 4.
    const bytes = [GRAPH, 3, NODE, 100, 0];

    expect(() => check(bytes)).toThrow(/m at byte 4[\s\S]*a field of 100 bytes where 1 are left/);
  });

  it("refuses a length that claims 4 GiB without allocating it", () => {
    expect(() => check([GRAPH, 0xff, 0xff, 0xff, 0xff, 0x0f])).toThrow(/4294967295 bytes where 0 are left/);
  });

  it("refuses a model that ends inside a varint", () => {
    expect(() => check([0x08, 0x80])).toThrow(/end inside a varint/);
  });

  it("refuses a varint of eleven bytes", () => {
    expect(() => check([0x08, ...new Array(10).fill(0x80), 0x01])).toThrow(/varint of more than 10 bytes/);
  });

  it("refuses groups, which ONNX does not have", () => {
    // field 200, wire type 3: tag 200<<3|3 = 1603 = 0xc3 0x0c
    expect(() => check([0xc3, 0x0c])).toThrow(/wire type 3/);
  });

  it("refuses a wire type that does not fit the field", () => {
    // ModelProto.graph as a varint: tag 7<<3|0 = 0x38
    expect(() => check([0x38, 1])).toThrow(/wire type 0 for ModelProto.graph/);
  });

  it("accepts exactly the limit of messages and refuses one more", () => {
    // The model, the graph and 3 empty nodes are 5 messages.
    const bytes = [GRAPH, 6, NODE, 0, NODE, 0, NODE, 0];

    expect(() => check(bytes, { maxMessages: 5 })).not.toThrow();
    expect(() => check(bytes, { maxMessages: 4 })).toThrow(/more than 4 messages/);
  });

  it("accepts exactly the limit of packed elements and refuses one more", () => {
    // TensorProto.int64_data is field 7 (0x3a), packed: three varints of one byte.
    const bytes = [GRAPH, 7, INITIALIZER, 5, 0x3a, 3, 1, 2, 3];

    expect(() => check(bytes, { maxElements: 3 })).not.toThrow();
    expect(() => check(bytes, { maxElements: 2 })).toThrow(/more than 2 elements/);
  });

  it("refuses packed floats that are not a whole number", () => {
    // TensorProto.float_data is field 4 (0x22), packed: 3 bytes.
    expect(() => check([GRAPH, 7, INITIALIZER, 5, 0x22, 3, 1, 2, 3])).toThrow(/multiple of 4 bytes/);
  });

  it("refuses nesting deeper than the limit instead of overflowing the stack", () => {
    // graph > node > attribute (field 5, 0x2a) > graph (field 6, 0x32) > ... , built from the inside out.
    let bytes: number[] = [];
    const tags = [GRAPH, ...Array.from({ length: 300 }, () => [NODE, 0x2a, 0x32]).flat()];
    for (const tag of tags.reverse()) bytes = [tag, ...varint(bytes.length), ...bytes];

    expect(() => check(bytes)).toThrow(/nested deeper than 64/);
  });

  it("refuses a long string", () => {
    // ModelProto.producer_name is field 2 (0x12).
    expect(() => check([0x12, 5, 65, 65, 65, 65, 65], { maxStringBytes: 4 })).toThrow(/a string of 5 bytes/);
  });

  it("turns bytes that are no protobuf into a NetworkError", async () => {
    await expect(decodeOnnxModel(new TextEncoder().encode("<html>not a model</html>"))).rejects.toThrow(NetworkError);
  });
});

function varint(value: number): number[] {
  const result: number[] = [];
  let rest = value;
  while (rest >= 128) {
    result.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...result, rest];
}
