/** Builds small ONNX models in memory for tests: graph inputs, initializers and nodes as plain data. */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";

export const FLOAT = 1;
export const UINT8 = 2;
export const INT8 = 3;
export const INT64 = 7;
export const BOOL = 9;

type AttributeSpec =
  | number
  | string
  | readonly number[]
  | { float: number }
  | { floats: readonly number[] }
  | { tensor: TensorProto }
  | { graph: GraphProto };

export interface NodeSpec {
  op: string;
  in: string[];
  out: string[];
  attributes?: Record<string, AttributeSpec>;
  domain?: string;
  name?: string;
}

export interface GraphSpec {
  inputs?: ValueInfoProto[];
  initializers?: TensorProto[];
  nodes: NodeSpec[];
  outputs: (string | ValueInfoProto)[];
  valueInfo?: ValueInfoProto[];
}

/** A typed value with dimensions; a string is a symbolic dimension. */
export function valueInfo(name: string, shape: readonly (number | string)[], dataType = FLOAT): ValueInfoProto {
  const dim = shape.map((size) =>
    create(TensorShapeProto_DimensionSchema, {
      value: typeof size === "string" ? { case: "dimParam", value: size } : { case: "dimValue", value: BigInt(size) },
    }),
  );
  const tensor = create(TypeProto_TensorSchema, {
    elemType: dataType,
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: "tensorType", value: tensor } }),
  });
}

/** A float32 tensor in raw_data; zeros unless values are given. */
export function floats(name: string, shape: readonly number[], values?: readonly number[]): TensorProto {
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: count }, (_, index) => values?.[index] ?? 0);
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: FLOAT,
    rawData: new Uint8Array(data.buffer),
  });
}

/** An int64 vector (or scalar) in int64_data. */
export function int64s(
  name: string,
  values: readonly number[],
  shape: readonly number[] = [values.length],
): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: INT64,
    int64Data: values.map(BigInt),
  });
}

/** 8-bit integers in raw_data; zeros unless values are given. */
export function bytes(
  name: string,
  shape: readonly number[],
  dataType = INT8,
  values?: readonly number[],
): TensorProto {
  const count = shape.reduce((product, size) => product * size, 1);
  const rawData = Uint8Array.from({ length: count }, (_, index) => (values?.[index] ?? 0) & 255);
  return create(TensorProtoSchema, { name, dims: shape.map(BigInt), dataType, rawData });
}

function attribute(name: string, spec: AttributeSpec): AttributeProto {
  const Type = AttributeProto_AttributeType;
  if (typeof spec === "number") return create(AttributeProtoSchema, { name, type: Type.INT, i: BigInt(spec) });
  if (typeof spec === "string") {
    return create(AttributeProtoSchema, { name, type: Type.STRING, s: new TextEncoder().encode(spec) });
  }
  if ("tensor" in spec) return create(AttributeProtoSchema, { name, type: Type.TENSOR, t: spec.tensor });
  if ("graph" in spec) return create(AttributeProtoSchema, { name, type: Type.GRAPH, g: spec.graph });
  if ("float" in spec) return create(AttributeProtoSchema, { name, type: Type.FLOAT, f: spec.float });
  if ("floats" in spec) return create(AttributeProtoSchema, { name, type: Type.FLOATS, floats: [...spec.floats] });
  return create(AttributeProtoSchema, { name, type: Type.INTS, ints: spec.map(BigInt) });
}

function node(spec: NodeSpec): NodeProto {
  return create(NodeProtoSchema, {
    opType: spec.op,
    input: spec.in,
    output: spec.out,
    name: spec.name ?? "",
    domain: spec.domain ?? "",
    attribute: Object.entries(spec.attributes ?? {}).map(([name, value]) => attribute(name, value)),
  });
}

export function graph(spec: GraphSpec): GraphProto {
  return create(GraphProtoSchema, {
    name: "test",
    input: spec.inputs ?? [],
    initializer: spec.initializers ?? [],
    node: spec.nodes.map(node),
    output: spec.outputs.map((output) =>
      typeof output === "string" ? create(ValueInfoProtoSchema, { name: output }) : output,
    ),
    valueInfo: spec.valueInfo ?? [],
  });
}

export function model(spec: GraphSpec, opset = 17): ModelProto {
  return create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [
      create(OperatorSetIdProtoSchema, { domain: "", version: BigInt(opset) }),
      create(OperatorSetIdProtoSchema, { domain: "com.microsoft", version: 1n }),
    ],
    graph: graph(spec),
  });
}

export function modelBytes(spec: GraphSpec, opset = 17): Uint8Array {
  return toBinary(ModelProtoSchema, model(spec, opset));
}
