/** A timed network with values, layer by layer: finds each layer's operands, runs it, and sums up. */
import type { Design } from "../../../hw-models/design.js";
import { createArray } from "../../../hw-models/pe-array/index.js";
import type { ValuedArray } from "../../../hw-models/pe-array/layer-values.js";
import { isValued } from "../../../hw-models/pe-array/pe-array-kind.js";
import { ConfigError, ModelError, quoteForMessage } from "../../core/errors.js";
import type { EncodingChoice } from "../../ir/encodings/encoding.js";
import { createEncoding } from "../../ir/encodings/index.js";
import { nmTable } from "../../ir/encodings/nm.js";
import type { NmStructure } from "../../ir/encodings/nm-groups.js";
import { isMatrixLayer, type MatrixLayer } from "../../ir/layer.js";
import type { Network } from "../../ir/network.js";
import type { MatrixOperation } from "../../ir/operation.js";
import type { Run, SimulateOptions } from "../run-network.js";
import type { WorkSummary } from "../work.js";
import { drawIfmap, drawWeights, viewsOf } from "./functional-layouts.js";
import { blocksOfView, codedBlocks, type LayerOperands, type WeightBlocks } from "./functional-operands.js";
import { type ProgramOperand, ProgramValues } from "./functional-program.js";
import { type LayerRun, runLayer } from "./functional-run.js";
import type { FunctionalLayer, FunctionalOptions, FunctionalTotals, ValueOrigin } from "./functional-types.js";
import { runValuedLayer } from "./functional-valued.js";

const DEFAULT_MACS_PER_LAYER = 2 ** 27;
/** Such arrays are walked value by value, and slower for it. */
const DEFAULT_VALUED_MACS_PER_LAYER = 2 ** 22;
const MAX_MACS_PER_LAYER = 2 ** 50;

/** What the functional run of a network gives. */
export interface FunctionalNetwork {
  /** By name of the operation. */
  readonly layers: ReadonlyMap<string, FunctionalLayer>;
  readonly totals: FunctionalTotals;
}

type MatrixWork = LayerRun["work"];

function isMatrixWork(work: WorkSummary): work is MatrixWork {
  return work.operation.kind === "matrix";
}

/** Runs all matrix layers of a run. @throws as `runLayer`, and as the run of a program; ConfigError for a wrong budget */
export async function runFunctional(
  network: Network,
  design: Design,
  run: Run,
  options: SimulateOptions,
  functional: FunctionalOptions,
): Promise<FunctionalNetwork> {
  const macsPerLayer = functional.macsPerLayer ?? DEFAULT_MACS_PER_LAYER;
  checkBudget(macsPerLayer);
  const seed = `${options.seed ?? "0"}/functional`;
  const array = createArray(design);
  const works = run.works.filter(isMatrixWork);
  if (isValued(array)) return runValued(array, works, design, run, options, functional, seed);
  const values = await programValues(network, design, functional, options, seed);
  const layersByName = new Map(network.layers.filter(isMatrixLayer).map((layer) => [layer.name, layer]));
  const layers = new Map<string, FunctionalLayer>();
  for (const work of works) {
    const { operation } = work;
    options.onProgress?.(layers.size, works.length, `values of ${operation.name}`);
    const operands = operandsOf(layersByName.get(operation.name)!, operation, values, run, seed);
    layers.set(
      operation.name,
      await runLayer({ work, operands, array, design, macsPerLayer, seed, signal: options.signal }),
    );
  }
  options.onProgress?.(works.length, works.length, "values");
  return { layers, totals: totalsOf([...layers.values()]) };
}

/** The same on an array whose time depends on values: those that it was timed with. */
async function runValued(
  array: ValuedArray,
  works: readonly MatrixWork[],
  design: Design,
  { values }: Run,
  options: SimulateOptions,
  { macsPerLayer = DEFAULT_VALUED_MACS_PER_LAYER }: FunctionalOptions,
  seed: string,
): Promise<FunctionalNetwork> {
  if (values === undefined) throw new ModelError("functional", `${design.peArray.kind} was timed without values`);
  const layers = new Map<string, FunctionalLayer>();
  for (const work of works) {
    const { operation } = work;
    options.onProgress?.(layers.size, works.length, `values of ${operation.name}`);
    const layer = values.valuesOf(operation);
    const origin = values.originOf(operation.name)!;
    const onArray = array.prepare(layer);
    const { signal } = options;
    const ran = await runValuedLayer({ work, values: layer, origin, onArray, design, macsPerLayer, seed, signal });
    layers.set(operation.name, ran);
  }
  options.onProgress?.(works.length, works.length, "values");
  return { layers, totals: totalsOf([...layers.values()]) };
}

/** @throws ConfigError for a budget that is no count */
function checkBudget(macsPerLayer: number): void {
  if (Number.isInteger(macsPerLayer) && macsPerLayer >= 1 && macsPerLayer <= MAX_MACS_PER_LAYER) return;
  throw new ConfigError({
    where: "functional.macsPerLayer",
    got: quoteForMessage(macsPerLayer),
    want: `a whole number from 1 to ${MAX_MACS_PER_LAYER}`,
    fix: `for example ${DEFAULT_MACS_PER_LAYER}`,
  });
}

async function programValues(
  network: Network,
  design: Design,
  { program, inputs }: FunctionalOptions,
  { signal, onProgress }: SimulateOptions,
  seed: string,
): Promise<ProgramValues | undefined> {
  if (program === undefined) return undefined;
  const turns = { ...(signal === undefined ? {} : { signal }), ...(onProgress === undefined ? {} : { onProgress }) };
  return ProgramValues.run(program, network, design.peArray, inputs, seed, turns);
}

/** A layer's operands: the program's where it tells them, drawn ones otherwise; learned weights in their encoding. */
function operandsOf(
  layer: MatrixLayer,
  operation: MatrixOperation,
  values: ProgramValues | undefined,
  run: Run,
  seed: string,
): LayerOperands {
  const found = values?.operandsOf(layer);
  const views = found === undefined ? undefined : viewsOf(layer, found);
  const weights =
    views === undefined
      ? drawWeights(layer, operation.weight.bitsPerElement, seed)
      : blocksOfView(views.weight, operation.bounds);
  const rebuilt = rebuiltBlocks(operation, run);
  return {
    ifmap: views?.ifmap ?? drawIfmap(layer, operation.ifmap.bitsPerElement, seed),
    weights: rebuilt ?? codedWeights(weights, operation),
    weightOrigin: originOf(views === undefined ? undefined : found?.second),
    activationOrigin: originOf(views === undefined ? undefined : found?.first),
  };
}

/** Weights that are decomposed for the run, as they are rebuilt and rounded; undefined where there are none. */
function rebuiltBlocks(operation: MatrixOperation, { values }: Run): WeightBlocks | undefined {
  if (values?.containerOf(operation.name) === undefined) return undefined;
  const { C, R, S, K } = operation.bounds;
  const column = C * R * S;
  const codes = values.valuesOf(operation).weight;
  return blocksOfView({ codes, group: K * column, column, reduction: 1 }, operation.bounds);
}

/** Weights through their encoding; a container in a file has been rebuilt where the program's codes come from. */
function codedWeights(weights: WeightBlocks, { weightEncoding, weight, bounds }: MatrixOperation): WeightBlocks {
  if (weightEncoding.name === "dense" || weightEncoding.name === "smartdeal") return weights;
  return codedBlocks(weights, {
    encoding: createEncoding(weightEncoding),
    valueBits: weight.bitsPerElement,
    bounds,
    structure: structureOf(weightEncoding),
  });
}

function originOf(operand: ProgramOperand | undefined): ValueOrigin {
  if (operand === undefined) return "synthetic";
  return operand.isStored ? "file" : "run";
}

function structureOf(choice: EncodingChoice): NmStructure | undefined {
  return choice.name === "nm" ? nmTable.parse(choice.parameters) : undefined;
}

function totalsOf(layers: readonly FunctionalLayer[]): FunctionalTotals {
  const sum = (value: (layer: FunctionalLayer) => number): number =>
    layers.reduce((total, layer) => total + value(layer), 0);
  const count = (holds: (layer: FunctionalLayer) => boolean): number => layers.filter(holds).length;
  return {
    outputsBitExact: true,
    layers: layers.length,
    wholeLayers: count((layer) => layer.tilesRun === layer.tiles),
    tiles: sum((layer) => layer.tiles),
    tilesRun: sum((layer) => layer.tilesRun),
    macs: sum((layer) => layer.macs),
    macsRun: sum((layer) => layer.macsRun),
    arrayCycles: sum((layer) => layer.arrayCycles),
    valuesCompared: sum((layer) => layer.valuesCompared),
    overflowEvents: sum((layer) => layer.overflowEvents),
    layersWithSyntheticWeights: count((layer) => layer.weights === "synthetic"),
    layersWithSyntheticActivations: count((layer) => layer.activations === "synthetic"),
  };
}
