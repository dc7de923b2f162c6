/**
 * What the TFLite schema numbers: element types, operators, and the option fields of the operators read here.
 * Source: TensorFlow Lite schema version 3 (schema.fbs).
 */
import type { Precision } from "../tensor.js";

/** Element types by number; those without a format here have only their name. */
export const TENSOR_TYPES: readonly (readonly [name: string, precision?: Precision])[] = [
  ["FLOAT32", "fp32"],
  ["FLOAT16", "fp16"],
  ["INT32", "int32"],
  ["UINT8", "uint8"],
  ["INT64", "int64"],
  ["STRING"],
  ["BOOL", "bool"],
  ["INT16", "int16"],
  ["COMPLEX64"],
  ["INT8", "int8"],
  ["FLOAT64", "fp64"],
  ["COMPLEX128"],
  ["UINT64", "uint64"],
  ["RESOURCE"],
  ["VARIANT"],
  ["UINT32", "uint32"],
  ["UINT16", "uint16"],
  ["INT4"],
];

/** Operators by number. */
export const OPERATOR_NAMES: readonly string[] = (
  "ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE EMBEDDING_LOOKUP FLOOR " +
  "FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION LSTM " +
  "MAX_POOL_2D MUL RELU RELU_N1_TO_1 RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS " +
  "SKIP_GRAM CALL CUSTOM EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND " +
  "SPACE_TO_BATCH_ND TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE " +
  "BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM CAST PRELU MAXIMUM " +
  "ARG_MAX MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL LESS_EQUAL SELECT SLICE SIN TRANSPOSE_CONV SPARSE_TO_DENSE TILE " +
  "EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW ARG_MIN FAKE_QUANT REDUCE_PROD REDUCE_MAX PACK LOGICAL_OR " +
  "ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD RANGE " +
  "RESIZE_NEAREST_NEIGHBOR LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N GATHER_ND " +
  "COS WHERE RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE " +
  "NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM BATCH_MATMUL"
).split(" ");

/** The number of operators that names of their own have: CUSTOM. */
export const CUSTOM_OPERATOR = 32;

type FieldKind = "int8" | "int32" | "float32" | "int32s";

/** One option: its slot in the table, its kind, and its value when the file leaves it out. */
export interface OptionField {
  readonly slot: number;
  readonly kind: FieldKind;
  readonly absent: number;
}

export interface OptionTable {
  /** Number of the table in the union of all option tables. */
  readonly union: number;
  readonly fields: Readonly<Record<string, OptionField>>;
}

function field(slot: number, kind: FieldKind, absent = 0): OptionField {
  return { slot, kind, absent };
}

const ACTIVATION_ONLY = { activation: field(0, "int8") };

const POOL: OptionTable = {
  union: 5,
  fields: {
    padding: field(0, "int8"),
    strideWidth: field(1, "int32"),
    strideHeight: field(2, "int32"),
    filterWidth: field(3, "int32"),
    filterHeight: field(4, "int32"),
    activation: field(5, "int8"),
  },
};

/** Option tables by operator; operators without one here have no options that are read. */
export const OPTION_TABLES: Readonly<Record<string, OptionTable>> = {
  ADD: { union: 11, fields: ACTIVATION_ONLY },
  MUL: { union: 21, fields: ACTIVATION_ONLY },
  AVERAGE_POOL_2D: POOL,
  MAX_POOL_2D: POOL,
  CONCATENATION: { union: 10, fields: { axis: field(0, "int32"), activation: field(1, "int8") } },
  CONV_2D: {
    union: 1,
    fields: {
      padding: field(0, "int8"),
      strideWidth: field(1, "int32"),
      strideHeight: field(2, "int32"),
      activation: field(3, "int8"),
      dilationWidth: field(4, "int32", 1),
      dilationHeight: field(5, "int32", 1),
    },
  },
  DEPTHWISE_CONV_2D: {
    union: 2,
    fields: {
      padding: field(0, "int8"),
      strideWidth: field(1, "int32"),
      strideHeight: field(2, "int32"),
      activation: field(4, "int8"),
      dilationWidth: field(5, "int32", 1),
      dilationHeight: field(6, "int32", 1),
    },
  },
  FULLY_CONNECTED: {
    union: 8,
    fields: { activation: field(0, "int8"), weightsFormat: field(1, "int8"), keepDimensions: field(2, "int8") },
  },
  MEAN: { union: 27, fields: { keepDimensions: field(0, "int8") } },
  RESHAPE: { union: 17, fields: { newShape: field(0, "int32s") } },
  SOFTMAX: { union: 9, fields: { beta: field(0, "float32") } },
};
