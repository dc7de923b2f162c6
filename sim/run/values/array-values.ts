/**
 * Values as arrays are given them: weights brought to the width of the multipliers, decomposed and rebuilt where the encoding is
 * SmartDeal's, thinned out to a stated density or structure. Every design is given the same weights, however it stores them.
 */
import type { ActivationBlocks, LayerValues, StoredOperands } from "../../../hw-models/pe-array/layer-values.js";
import { UnsupportedError } from "../../core/errors.js";
import type { EncodingChoice } from "../../ir/encodings/encoding.js";
import { nmTable } from "../../ir/encodings/nm.js";
import { keepLargestOfGroups, type NmStructure } from "../../ir/encodings/nm-groups.js";
import type { SmartDealWeights } from "../../ir/encodings/smartdeal.js";
import { type RebuiltBits, roundSmartDealWeights } from "../../ir/encodings/smartdeal-rounding.js";
import type { MatrixOperation, Operation } from "../../ir/operation.js";
import { quantizeSymmetrically } from "../functional/functional-codes.js";
import type { Codes } from "../functional/functional-operands.js";
import { isDecomposable } from "./decomposable.js";
import { bitsOfLevels, codesOnLevels } from "./level-codes.js";
import type { LayerWeightValues, RealValueSource, RealValues } from "./real-values.js";
import type { LayerDecomposer } from "./smartdeal-layers.js";

/** Weights whose containers are held at a time, all layers together: a byte each. */
const MAX_HELD_WEIGHTS = 2 ** 29;

/** What is done to weights that the source gives as they are. */
export interface WeightTreatment {
  /** Encoding whose structure or density weights are made to have; SmartDeal's decomposes them. */
  readonly encoding: EncodingChoice | undefined;
  /** Of the multipliers. */
  readonly weightBits: RebuiltBits;
  readonly decompose: LayerDecomposer | undefined;
  /** Bound of the array on blocks of activations, which drawn ones are given. */
  readonly activationBlocks?: ActivationBlocks | undefined;
}

export class ArrayValues {
  readonly #source: RealValueSource;
  readonly #treatment: WeightTreatment;
  readonly #containers: ReadonlyMap<string, SmartDealWeights>;
  readonly #origins: Map<string, RealValues["origin"]>;
  #last: LayerValues | undefined;

  private constructor(
    source: RealValueSource,
    treatment: WeightTreatment,
    containers: ReadonlyMap<string, SmartDealWeights>,
    origins: Map<string, RealValues["origin"]>,
  ) {
    this.#origins = origins;
    this.#source = source;
    this.#treatment = treatment;
    this.#containers = containers;
  }

  /**
   * Decomposes what is to be decomposed. @param onLayer is called before each layer
   * @throws UnsupportedError for more weights than fit
   */
  static async create(
    operations: readonly Operation[],
    source: RealValueSource,
    treatment: WeightTreatment,
    onLayer: (name: string) => Promise<void>,
  ): Promise<ArrayValues> {
    const containers = new Map<string, SmartDealWeights>();
    const origins = new Map<string, RealValues["origin"]>();
    let held = 0;
    for (const operation of operations) {
      if (treatment.decompose === undefined || operation.kind !== "matrix" || !isDecomposable(operation)) continue;
      const { G, K, C, R, S } = operation.bounds;
      held += G * K * C * R * S;
      if (held > MAX_HELD_WEIGHTS) refuseMemory(operation.name);
      await onLayer(operation.name);
      const { weight, origin } = source.valuesOf(operation);
      origins.set(operation.name, origin);
      if (weight.smartdeal === undefined && weight.reals !== undefined) {
        containers.set(operation.name, await treatment.decompose(weight.reals, operation));
      }
    }
    return new ArrayValues(source, treatment, containers, origins);
  }

  valuesOf(operation: MatrixOperation): LayerValues {
    if (this.#last?.name === operation.name) return this.#last;
    const given = this.#source.valuesOf(operation);
    this.#origins.set(operation.name, given.origin);
    this.#last = new OperationValues(operation, given, this.#treatment.activationBlocks, () =>
      this.#weightOf(operation, given),
    );
    return this.#last;
  }

  /** The container of a layer, where it has one. */
  containerOf(layer: string): SmartDealWeights | undefined {
    return this.#containers.get(layer);
  }

  /** True when values of any layer were drawn. */
  get areDrawn(): boolean {
    return [...this.#origins.values()].some(isSynthetic);
  }

  /** Where a layer's values came from; undefined for one that was never asked for. */
  originOf(layer: string): RealValues["origin"] | undefined {
    return this.#origins.get(layer);
  }

  #weightOf(operation: MatrixOperation, values: RealValues): Pick<LayerValues, "weight" | "smartdeal"> {
    const container = this.#containers.get(operation.name);
    if (container !== undefined) return this.#rebuilt(container);
    const given = values.weight;
    if (given.smartdeal !== undefined) return this.#rebuilt(given.smartdeal);
    const { encoding } = this.#treatment;
    if (given.codes !== undefined) return { weight: given.codes };
    const bits = operation.weight.bitsPerElement;
    if (encoding === undefined || !operation.weightIsStatic) {
      return { weight: codesOf(given, bits, operation.name) };
    }
    const hasLevels = bitsOfLevels(encoding, bits) !== undefined;
    const weight = hasLevels ? codesOnLevels(given.reals!, encoding, bits)! : codesOf(given, bits, operation.name);
    thin(weight, operation, encoding);
    return { weight };
  }

  #rebuilt(smartdeal: SmartDealWeights): Pick<LayerValues, "weight" | "smartdeal"> {
    return { weight: roundSmartDealWeights(smartdeal, this.#treatment.weightBits).codes, smartdeal };
  }
}

/** Values of one operation, each drawn or laid out when it is first read. */
class OperationValues implements LayerValues {
  readonly name: string;
  readonly bounds: LayerValues["bounds"];
  readonly window: LayerValues["window"];
  readonly stored: StoredOperands;
  readonly #given: RealValues;
  readonly #makeWeight: () => Pick<LayerValues, "weight" | "smartdeal">;
  #ifmap: Codes | undefined;
  #made: Pick<LayerValues, "weight" | "smartdeal"> | undefined;

  constructor(
    operation: MatrixOperation,
    given: RealValues,
    activationBlocks: ActivationBlocks | undefined,
    makeWeight: () => Pick<LayerValues, "weight" | "smartdeal">,
  ) {
    this.name = operation.name;
    this.bounds = operation.bounds;
    this.window = operation.window;
    this.stored = {
      ...storedOperandsOf(operation, given.origin.weights === "synthetic"),
      activationBlocks: given.origin.activations === "synthetic" ? activationBlocks : undefined,
    };
    this.#given = given;
    this.#makeWeight = makeWeight;
  }

  get ifmap(): Codes {
    this.#ifmap ??= boundedIfmap(this.#given.ifmap, this);
    return this.#ifmap;
  }

  get weight(): Codes {
    this.#made ??= this.#makeWeight();
    return this.#made.weight;
  }

  get smartdeal(): SmartDealWeights | undefined {
    this.#made ??= this.#makeWeight();
    return this.#made.smartdeal;
  }
}

function storedOperandsOf(operation: MatrixOperation, isDrawn: boolean): StoredOperands {
  const { weightEncoding, weight, ifmap } = operation;
  const { valueBits } = weightEncoding.parameters;
  const storedBits = typeof valueBits === "number" ? valueBits : weight.bitsPerElement;
  return {
    encoding: weightEncoding,
    weightBits: (isDrawn ? bitsOfLevels(weightEncoding, weight.bitsPerElement) : undefined) ?? storedBits,
    activationBits: ifmap.bitsPerElement,
    isDrawn,
  };
}

/** Zeros the smallest activations of each block of channels that has more than drawn ones may. */
function boundedIfmap(ifmap: Codes, { bounds, window, stored }: LayerValues): Codes {
  const blocks = stored?.activationBlocks;
  if (blocks === undefined) return ifmap;
  const { G, N, C } = bounds;
  const plane = window.ifmapHeight * window.ifmapWidth;
  const shape = { reduction: C, columns: N * G * plane, valueBits: 8 };
  const bounded = ifmap.slice();
  keepLargestOfGroups(
    bounded,
    shape,
    { n: blocks.kept, m: blocks.values },
    (channel, column) => (Math.floor(column / plane) * C + channel) * plane + (column % plane),
  );
  return bounded;
}

export function isSynthetic({ weights, activations }: RealValues["origin"]): boolean {
  return weights === "synthetic" || activations === "synthetic";
}

function codesOf(given: LayerWeightValues, bits: number, layer: string): Codes {
  if (given.symmetricCodes !== undefined) return given.symmetricCodes(bits);
  const values = given.reals!;
  return quantizeSymmetrically({ shape: [values.length], precision: "fp64", values }, bits, `weights of ${layer}`);
}

/** Zeros the smallest weights: all but n of each m along the axis of their groups, or of each filter all but a stated part. */
function thin(weight: Codes, { bounds }: MatrixOperation, { name, parameters }: EncodingChoice): void {
  const { G, K, C, R, S } = bounds;
  const filter = C * R * S;
  const structure = name === "nm" ? nmTable.parse(parameters) : structureOfDensity(parameters.density, filter);
  if (structure === undefined) return;
  const shape = { reduction: filter, columns: G * K, kernelSize: R * S };
  keepLargestOfGroups(weight, shape, structure, (row, column) => column * filter + row);
}

function structureOfDensity(density: number | string | boolean | undefined, filter: number): NmStructure | undefined {
  return typeof density === "number" ? { n: Math.round(density * filter), m: filter } : undefined;
}

function refuseMemory(layer: string): never {
  throw new UnsupportedError({
    where: `layer ${layer}`,
    got: `more than ${MAX_HELD_WEIGHTS} weights to decompose in one network`,
    want: "a network whose decomposed weights fit in memory",
    fix: "choose layers with --layers",
  });
}
