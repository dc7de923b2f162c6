/**
 * Public API of picojoule: load a network and a design, simulate, replay memory traces, compare, validate. Pure functions of their arguments and a
 * seed; async where they read files.
 */

export { createMethod, METHODS, parseMethodChoice } from "./algorithms/compression/index.js";
export type { CompressionMethod, LayerCost, MethodKind } from "./algorithms/compression/method.js";
export type { CompressedLayer } from "./algorithms/compression/quantize-layer.js";
export type {
  CompressLayerOptions,
  SmartDealLayer,
} from "./algorithms/compression/smartdeal/compress-layer.js";
export { compressLayer as compressSmartDealLayer } from "./algorithms/compression/smartdeal/compress-layer.js";
export type { CompressedMatrix, ErrorStatistics, WeightMatrix } from "./algorithms/compression/weight-matrix.js";
export type {
  Codesign,
  CodesignEntry,
  CodesignFigures,
  CodesignModel,
  CodesignOptions,
  Objective,
} from "./algorithms/explore/codesign.js";
export { codesign, DEFAULT_OBJECTIVES, OBJECTIVES } from "./algorithms/explore/codesign.js";
export type { StudiedDesign, StudiedNetwork, Study, StudyOptions } from "./algorithms/explore/compare-designs.js";
export { compareDesigns } from "./algorithms/explore/compare-designs.js";
export type { CrossoverOptions } from "./algorithms/explore/crossover/crossover.js";
export { studyCrossover } from "./algorithms/explore/crossover/crossover.js";
export type {
  CrossoverEntry,
  CrossoverMetric,
  CrossoverPoint,
  CrossoverStudy,
  CrossoverValues,
  FoundCrossing,
  SparsityPattern,
} from "./algorithms/explore/crossover/crossover-types.js";
export { CROSSOVER_METRICS, SPARSITY_PATTERNS } from "./algorithms/explore/crossover/crossover-types.js";
export { requireDensities, requireMargin, requireResolution } from "./algorithms/explore/crossover/density-checks.js";
export { storesZeros } from "./algorithms/explore/crossover/density-plan.js";
export { areaOf, scaledToArea } from "./algorithms/explore/equal-area.js";
export type { PackedKernelOptions, PreparedWeights } from "./algorithms/kernels/packed-matmul.js";
export { packedMatmul, preparePacked } from "./algorithms/kernels/packed-matmul.js";
export type { Activations } from "./algorithms/kernels/packed-operands.js";
export type { Design, DesignInput } from "./hw-models/design.js";
export type { DesignField } from "./hw-models/design-description.js";
export { describeDesign } from "./hw-models/design-description.js";
export { designJsonSchema } from "./hw-models/design-json-schema.js";
export type { ControllerParameters } from "./hw-models/dram/controller-parameters.js";
export type { DramDeviceDescription, DramDeviceField } from "./hw-models/dram/describe-device.js";
export { describeDramDevice } from "./hw-models/dram/describe-device.js";
export type { DramDevice } from "./hw-models/dram/device.js";
export { DRAM_DEVICES, DRAM_STANDARDS } from "./hw-models/dram/index.js";
export type { DramPreset } from "./hw-models/dram/preset.js";
export type { ControllerSettings } from "./hw-models/dram/resolve-controller.js";
export type { Calibration } from "./hw-models/presets/calibration.js";
export { isCalibrated } from "./hw-models/presets/calibration.js";
export { PRESETS } from "./hw-models/presets/index.js";
export type { Preset } from "./hw-models/presets/preset.js";
export { renderCodesignCsv } from "./reports/codesign-csv.js";
export { renderCodesignHtml } from "./reports/codesign-html.js";
export { plotCodesign } from "./reports/codesign-plot.js";
export { renderCodesign } from "./reports/codesign-table.js";
export type { ComparedFigure, ComparedLayer, Comparison } from "./reports/compare.js";
export { compareReports } from "./reports/compare.js";
export { renderComparison } from "./reports/compare-table.js";
export { renderCompressionLayers } from "./reports/compression-table.js";
export { renderCrossoverCsv } from "./reports/crossover-csv.js";
export { renderCrossoverHtml } from "./reports/crossover-html.js";
export { renderCrossover } from "./reports/crossover-table.js";
export { renderDesignTable } from "./reports/design-table.js";
export type { DramDeviceData } from "./reports/dram-device-table.js";
export { renderDramDevice } from "./reports/dram-device-table.js";
export { renderDramReport } from "./reports/dram-table.js";
export { renderEvaluationCsv, renderLayerNoiseCsv } from "./reports/evaluation-csv.js";
export { renderEvaluation } from "./reports/evaluation-table.js";
export type { ReportFormat } from "./reports/index.js";
export { REPORTS } from "./reports/index.js";
export { renderList } from "./reports/list-table.js";
export type { PublishedTotals } from "./reports/network-table.js";
export { renderNetworkTable } from "./reports/network-table.js";
export type { Paint, RenderOptions } from "./reports/paint.js";
export { renderParameters } from "./reports/parameter-list.js";
export { renderJson } from "./reports/report-json.js";
export { renderStudyCsv } from "./reports/study-csv.js";
export { renderStudyHtml } from "./reports/study-html.js";
export { plotStudy } from "./reports/study-plot.js";
export { renderStudy } from "./reports/study-table.js";
export { renderValidation } from "./reports/validation-table.js";
export type { Issue } from "./sim/core/errors.js";
export {
  CancelledError,
  ConfigError,
  ModelError,
  NetworkError,
  quoteForMessage,
  TraceError,
  UnsupportedError,
  UserError,
} from "./sim/core/errors.js";
export { formatQuantity } from "./sim/core/units.js";
export { VERSION } from "./sim/core/version.js";
export type { SpanSink } from "./sim/engine/span-sink.js";
export type { Encoding, EncodingChoice, PackedMatrix, WeightMatrixShape } from "./sim/ir/encodings/encoding.js";
export { createEncoding, ENCODINGS, namesStorage, parseEncodingChoice } from "./sim/ir/encodings/index.js";
export type { ScaleLayout, Scales } from "./sim/ir/encodings/scales.js";
export { packScales, scaleLayout, unpackScales } from "./sim/ir/encodings/scales.js";
export type { SmartDealWeights } from "./sim/ir/encodings/smartdeal.js";
export { decodeSmartDeal, encodeSmartDeal } from "./sim/ir/encodings/smartdeal.js";
export type { SmartDealShape } from "./sim/ir/encodings/smartdeal-layout.js";
export type { ParameterField } from "./sim/ir/import/describe-parameters.js";
export { describeParameters } from "./sim/ir/import/describe-parameters.js";
export type { Program, ProgramInput } from "./sim/ir/import/onnx-program.js";
export type { Layer, LoopBounds } from "./sim/ir/layer.js";
export type { Mapping } from "./sim/ir/mapping.js";
export { formatMapping } from "./sim/ir/mapping.js";
export type { Network } from "./sim/ir/network.js";
export { networkMacs, networkParameters } from "./sim/ir/network.js";
export type { NetworkEntry } from "./sim/ir/networks/index.js";
export { NETWORKS } from "./sim/ir/networks/index.js";
export type { RequestSource } from "./sim/ir/request-block.js";
export { RequestBlock } from "./sim/ir/request-block.js";
export type { Precision, Tensor, TensorValues } from "./sim/ir/tensor.js";
export type { TensorData } from "./sim/ir/tensor-data.js";
export { createTensor, tensorOf } from "./sim/ir/tensor-data.js";
export type { ByteStore } from "./sim/run/cache/byte-store.js";
export { DirectoryStore } from "./sim/run/cache/directory-store.js";
export { makeFolder } from "./sim/run/cache/make-folder.js";
export { MemoryStore } from "./sim/run/cache/memory-store.js";
export type { CalibrationSet } from "./sim/run/compression/calibration.js";
export type { Compression, CompressOptions } from "./sim/run/compression/compress.js";
export { compress, readModelBytes, readWeightEncodings } from "./sim/run/compression/compress.js";
export type { CompressionReport, LayerCompression } from "./sim/run/compression/compression-report.js";
export { describeCompression } from "./sim/run/compression/compression-report.js";
export type { OutputError } from "./sim/run/compression/output-error.js";
export type { CostQuantity } from "./sim/run/compression/simulated-cost.js";
export { simulatedCost } from "./sim/run/compression/simulated-cost.js";
export type { DatapathArithmetic } from "./sim/run/datapath-arithmetic.js";
export { arithmeticOf } from "./sim/run/datapath-arithmetic.js";
export { describeController } from "./sim/run/dram-controller-table.js";
export type { DramReport } from "./sim/run/dram-report-types.js";
export type { DramTrace } from "./sim/run/dram-requests.js";
export type { DesignAccuracy, DesignAccuracyOptions } from "./sim/run/evaluation/accuracy-on-design.js";
export { DEFAULT_CALIBRATION_SAMPLES, evaluateOnDesign } from "./sim/run/evaluation/accuracy-on-design.js";
export type { EvaluateOptions, Evaluation, ModelVariant } from "./sim/run/evaluation/evaluate.js";
export { evaluate } from "./sim/run/evaluation/evaluate.js";
export type { CompressedVariant } from "./sim/run/evaluation/evaluate-variants.js";
export { compressedVariant, namesMethod } from "./sim/run/evaluation/evaluate-variants.js";
export { sampleInputs } from "./sim/run/evaluation/sample-inputs.js";
export type { FunctionalLayer, FunctionalOptions, FunctionalTotals } from "./sim/run/functional/functional-types.js";
export type { Ideal } from "./sim/run/ideal.js";
export type { NamedTensors } from "./sim/run/inference/input-checks.js";
export type { OutputMismatch } from "./sim/run/inference/output-mismatch.js";
export { countMismatches } from "./sim/run/inference/output-mismatch.js";
export type { NodeSums, RunOptions, RunResult } from "./sim/run/inference/run-program.js";
export { loadProgram, runProgram as runNetwork } from "./sim/run/inference/run-program.js";
export type { LoadDesignOptions } from "./sim/run/load-design.js";
export { loadDesign } from "./sim/run/load-design.js";
export { loadDevice } from "./sim/run/load-device.js";
export type { LoadNetworkOptions } from "./sim/run/load-network.js";
export { loadNetwork, loadNetworkOf } from "./sim/run/load-network.js";
export { parseReport } from "./sim/run/parse-report.js";
export type { LayerReport, Report, ReportTotals } from "./sim/run/report-types.js";
export type { SimulateOptions } from "./sim/run/run-network.js";
export { simulate } from "./sim/run/simulate.js";
export type { SimulateDramOptions } from "./sim/run/simulate-dram.js";
export { simulateDram } from "./sim/run/simulate-dram.js";
export type { ValueOptions } from "./sim/run/values/create-values.js";
export type { DistributionName } from "./sim/run/values/value-distribution.js";
export { DISTRIBUTION_NAMES, DISTRIBUTIONS } from "./sim/run/values/value-distribution.js";
export { requireWorkers } from "./sim/run/worker-count.js";
export { VALIDATIONS, validate } from "./sim/validate/index.js";
export type { ValidationOptions, ValidationResult } from "./sim/validate/validation-types.js";
export type { DataSet, Draw, Sample } from "./traces/data-set.js";
export type { DramPattern } from "./traces/dram-patterns.js";
export { decodeNpy, encodeNpy } from "./traces/npy.js";
export { discardUnfinishedArrays, NpyFileSet, readNpyFile } from "./traces/npy-files.js";
export type { OpenDataSetOptions } from "./traces/open-data-set.js";
export { DATA_SETS, openDataSet } from "./traces/open-data-set.js";
export { discardUnfinishedFiles } from "./traces/whole-file.js";
