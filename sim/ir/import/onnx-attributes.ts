/** Typed, checked access to the attributes of one ONNX node. Source: onnx.proto3, AttributeProto. */
import type { AttributeProto, GraphProto, NodeProto, TensorProto } from "onnx-buf";
import { NetworkError, quoteForMessage } from "../../core/errors.js";
import type { AttributeValue } from "../layer.js";

/** AttributeProto.AttributeType by number, as far as operators here use them. */
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const TENSOR = 4;
const GRAPH = 5;
const FLOATS = 6;
const INTS = 7;
const STRINGS = 8;
const TYPE_NAMES: readonly string[] = [
  "undefined",
  "float",
  "int",
  "string",
  "tensor",
  "graph",
  "floats",
  "ints",
  "strings",
];

const decoder = new TextDecoder();

export class OnnxAttributes {
  private readonly where: string;
  private readonly byName = new Map<string, AttributeProto>();

  constructor(node: Pick<NodeProto, "attribute">, where: string) {
    this.where = where;
    for (const attribute of node.attribute) {
      const place = `${where} attribute ${quoteForMessage(attribute.name)}`;
      if (this.byName.has(attribute.name)) {
        throw new NetworkError({
          where: place,
          got: "the attribute twice",
          want: "it once",
          fix: "remove one of them",
        });
      }
      if (attribute.refAttrName !== "") {
        const got = `a reference to attribute ${quoteForMessage(attribute.refAttrName)} of a function`;
        throw new NetworkError({ where: place, got, want: "a value", fix: "inline the model's functions" });
      }
      this.byName.set(attribute.name, attribute);
    }
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  int(name: string): number | undefined {
    const attribute = this.find(name, INT);
    return attribute === undefined ? undefined : Number(attribute.i);
  }

  ints(name: string): readonly number[] | undefined {
    return this.find(name, INTS)?.ints.map(Number);
  }

  /** A whole number with all its 64 bits. */
  exactInt(name: string): bigint | undefined {
    return this.find(name, INT)?.i;
  }

  /** Whole numbers with all their 64 bits. */
  exactInts(name: string): readonly bigint[] | undefined {
    return this.find(name, INTS)?.ints;
  }

  float(name: string): number | undefined {
    return this.find(name, FLOAT)?.f;
  }

  floats(name: string): readonly number[] | undefined {
    return this.find(name, FLOATS)?.floats;
  }

  string(name: string): string | undefined {
    const attribute = this.find(name, STRING);
    return attribute === undefined ? undefined : decoder.decode(attribute.s);
  }

  strings(name: string): readonly string[] | undefined {
    return this.find(name, STRINGS)?.strings.map((bytes) => decoder.decode(bytes));
  }

  tensor(name: string): TensorProto | undefined {
    return this.find(name, TENSOR)?.t;
  }

  graph(name: string): GraphProto | undefined {
    return this.find(name, GRAPH)?.g;
  }

  /** Every attribute that is a number, a string or a list of them. */
  asLayerAttributes(): Record<string, AttributeValue> {
    const result: Record<string, AttributeValue> = {};
    for (const [name, attribute] of this.byName) {
      const value = plainValue(attribute);
      if (value === undefined) continue;
      Object.defineProperty(result, name, { value, enumerable: true, writable: true, configurable: true });
    }
    return result;
  }

  private find(name: string, type: number): AttributeProto | undefined {
    const attribute = this.byName.get(name);
    if (attribute === undefined) return undefined;
    if (attribute.type === type) return attribute;
    throw new NetworkError({
      where: `${this.where} attribute ${quoteForMessage(name)}`,
      got: `type ${TYPE_NAMES[attribute.type] ?? attribute.type}`,
      want: `type ${TYPE_NAMES[type]}`,
      fix: "check the operator's description in the ONNX standard",
    });
  }
}

function plainValue(attribute: AttributeProto): AttributeValue | undefined {
  switch (attribute.type as number) {
    case FLOAT:
      return attribute.f;
    case INT:
      return Number(attribute.i);
    case STRING:
      return decoder.decode(attribute.s);
    case FLOATS:
      return attribute.floats;
    case INTS:
      return attribute.ints.map(Number);
    case STRINGS:
      return attribute.strings.map((bytes) => decoder.decode(bytes));
    default:
      return undefined;
  }
}
