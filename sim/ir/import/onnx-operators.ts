/**
 * The registry of ONNX operators: name (with its domain, unless it is the standard's own) -> handler. Operators that are
 * not here are unknown; Loop and Scan are known and refused.
 */
import { importConstant, importConstantOfShape, importShape, importSize } from "./onnx-constants.js";
import { importIf } from "./onnx-control.js";
import { importConv, importConvInteger, importConvTranspose, importQLinearConv } from "./onnx-convolution.js";
import {
  BROADCAST_FUNCTIONS,
  importBroadcast,
  importCast,
  importPow,
  importUnary,
  importWhere,
  UNARY_FUNCTIONS,
} from "./onnx-elementwise.js";
import {
  importEinsum,
  importGemm,
  importMatMul,
  importMatMulInteger,
  importQGemm,
  importQLinearMatMul,
} from "./onnx-matrix.js";
import type { OnnxNode } from "./onnx-node.js";
import {
  importBatchNormalization,
  importChannelNormalization,
  importLayerNormalization,
  importLpNormalization,
  importRmsNormalization,
  importSkipNormalization,
  importSoftmax,
} from "./onnx-normalization.js";
import {
  importAveragePool,
  importGlobalAveragePool,
  importGlobalMaxPool,
  importMaxPool,
  importQLinearAveragePool,
} from "./onnx-pooling.js";
import {
  importDequantizeLinear,
  importDynamicQuantizeLinear,
  importQLinearBinary,
  importQLinearConcat,
  importQLinearUnary,
  importQuantizeLinear,
  QLINEAR_BINARY,
  QLINEAR_UNARY,
} from "./onnx-quantization.js";
import { importLstm } from "./onnx-recurrent.js";
import { importArgMax, importCumSum, importReduction, importTopK, REDUCTIONS } from "./onnx-reduction.js";
import {
  importDepthToSpace,
  importFlatten,
  importIdentity,
  importReshape,
  importSpaceToDepth,
  importSqueeze,
  importTranspose,
  importUnsqueeze,
} from "./onnx-reshaping.js";
import { importGridSample, importResize } from "./onnx-resize.js";
import {
  importConcat,
  importExpand,
  importGather,
  importGatherElements,
  importGatherNd,
  importOneHot,
  importPad,
  importSameShapeCopy,
  importScatter,
  importSlice,
  importSplit,
  importTile,
} from "./onnx-slicing.js";

export type OperatorHandler = (node: OnnxNode) => void;

function refuseLoop(node: OnnxNode): void {
  node.unsupported(
    `operator ${node.operator}, whose body runs a number of times that may depend on data`,
    "a graph without loops",
    "unroll the loop when the model is exported",
  );
}

/** Range is folded whenever its bounds are known and its length is moderate. */
function refuseRange(node: OnnxNode): void {
  node.unsupported("a Range whose bounds depend on data, or a very long one", "bounds known from constants and shapes");
}

function sharing(names: readonly string[], handler: OperatorHandler): Record<string, OperatorHandler> {
  return Object.fromEntries(names.map((name) => [name, handler]));
}

const HANDLERS: Readonly<Record<string, OperatorHandler>> = {
  ...sharing(Object.keys(UNARY_FUNCTIONS), importUnary),
  ...sharing(Object.keys(BROADCAST_FUNCTIONS), importBroadcast),
  ...sharing(Object.keys(REDUCTIONS), importReduction),
  ...sharing(Object.keys(QLINEAR_BINARY), importQLinearBinary),
  ...sharing(Object.keys(QLINEAR_UNARY), importQLinearUnary),
  ...sharing(["Loop", "Scan"], refuseLoop),
  ...sharing(["Identity", "Dropout"], importIdentity),
  ...sharing(["Cast", "CastLike"], importCast),
  ...sharing(["ArgMax", "ArgMin"], importArgMax),
  ...sharing(["Softmax", "LogSoftmax", "Hardmax"], importSoftmax),
  ...sharing(["InstanceNormalization", "GroupNormalization", "LRN"], importChannelNormalization),
  ...sharing(["RMSNormalization", "SimplifiedLayerNormalization"], importRmsNormalization),
  ...sharing(
    ["com.microsoft.SkipLayerNormalization", "com.microsoft.SkipSimplifiedLayerNormalization"],
    importSkipNormalization,
  ),
  ...sharing(["AveragePool", "LpPool"], importAveragePool),
  ...sharing(["GlobalAveragePool", "GlobalLpPool", "com.microsoft.QLinearGlobalAveragePool"], importGlobalAveragePool),
  ...sharing(["Resize", "Upsample"], importResize),
  ...sharing(["Scatter", "ScatterElements", "ScatterND"], importScatter),
  ...sharing(["Trilu", "ReverseSequence"], importSameShapeCopy),
  Pow: importPow,
  Where: importWhere,
  BatchNormalization: importBatchNormalization,
  LayerNormalization: importLayerNormalization,
  LpNormalization: importLpNormalization,
  MaxPool: importMaxPool,
  GlobalMaxPool: importGlobalMaxPool,
  "com.microsoft.QLinearAveragePool": importQLinearAveragePool,
  Reshape: importReshape,
  Flatten: importFlatten,
  Squeeze: importSqueeze,
  Unsqueeze: importUnsqueeze,
  Transpose: importTranspose,
  DepthToSpace: importDepthToSpace,
  SpaceToDepth: importSpaceToDepth,
  Concat: importConcat,
  Split: importSplit,
  Slice: importSlice,
  Pad: importPad,
  Gather: importGather,
  GatherElements: importGatherElements,
  GatherND: importGatherNd,
  Expand: importExpand,
  Tile: importTile,
  OneHot: importOneHot,
  GridSample: importGridSample,
  TopK: importTopK,
  CumSum: importCumSum,
  Constant: importConstant,
  ConstantOfShape: importConstantOfShape,
  Shape: importShape,
  Size: importSize,
  Range: refuseRange,
  If: importIf,
  Conv: importConv,
  ConvInteger: importConvInteger,
  QLinearConv: importQLinearConv,
  ConvTranspose: importConvTranspose,
  Gemm: importGemm,
  MatMul: importMatMul,
  MatMulInteger: importMatMulInteger,
  QLinearMatMul: importQLinearMatMul,
  "com.microsoft.QGemm": importQGemm,
  Einsum: importEinsum,
  LSTM: importLstm,
  QuantizeLinear: importQuantizeLinear,
  DequantizeLinear: importDequantizeLinear,
  DynamicQuantizeLinear: importDynamicQuantizeLinear,
  "com.microsoft.QLinearConcat": importQLinearConcat,
};

/** The handler of an operator by its name with domain; undefined when the operator is unknown. */
export function findHandler(operator: string): OperatorHandler | undefined {
  return Object.hasOwn(HANDLERS, operator) ? HANDLERS[operator] : undefined;
}

/** Names of all operators that are imported, each with its domain unless it is the standard's own. */
export const KNOWN_OPERATORS: readonly string[] = Object.keys(HANDLERS);
