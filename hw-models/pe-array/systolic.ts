/**
 * The systolic array: a grid of MACs that pass operands to their neighbours, in three dataflows. Weight and input
 * stationary are one machine with the operands' roles exchanged. Left out: faults, and clock gating of idle PEs (idle PEs
 * latch nothing).
 * Source: Kung, IEEE Computer 15(1), 1982; Jouppi et al., ISCA 2017; geometry and default timing of SCALE-Sim v3.
 */
import { ModelError } from "../../sim/core/errors.js";
import type { AccumulatorParameters } from "./arithmetic-parameters.js";
import type { FunctionalRun, GemmTile, PeArray, TileTiming } from "./pe-array.js";
import type { SystolicParameters } from "./systolic-parameters.js";
import { OutputStationaryRegisters } from "./systolic-registers-os.js";
import { StationaryRegisters } from "./systolic-registers-stationary.js";
import { timeOutputStationary, timeStationaryOperand } from "./systolic-timing.js";

export class SystolicArray implements PeArray {
  readonly rows: number;
  readonly cols: number;
  readonly peakMacsPerCycle: number;
  readonly nativeEncodings: readonly string[] = ["dense"];
  readonly #parameters: SystolicParameters;
  readonly #arithmetic: AccumulatorParameters;
  readonly #useLanes: boolean;
  /** Built when values are first run. */
  #registers: OutputStationaryRegisters | StationaryRegisters | undefined;

  /** @param registers in lanes of WebAssembly, or by the plain loops that those must equal */
  constructor(
    parameters: SystolicParameters,
    arithmetic: AccumulatorParameters,
    registers: "lanes" | "plain" = "lanes",
  ) {
    this.#useLanes = registers === "lanes";
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.rows = parameters.rows;
    this.cols = parameters.cols;
    this.peakMacsPerCycle = parameters.rows * parameters.cols;
  }

  timeTile(tile: GemmTile): TileTiming {
    const parameters = this.#parameters;
    checkTile(tile);
    return parameters.dataflow === "os"
      ? timeOutputStationary(parameters, tile)
      : timeStationaryOperand(parameters, tile);
  }

  runTile(ifmap: Int8Array | Int16Array, weight: Int8Array | Int16Array, tile: GemmTile): FunctionalRun {
    checkTile(tile);
    if (ifmap.length !== tile.rows * tile.reduction || weight.length !== tile.reduction * tile.columns) {
      const sizes = `${ifmap.length} ifmap and ${weight.length} weight values`;
      throw new ModelError("peArray", `${sizes} for a tile of ${tile.rows} x ${tile.columns} x ${tile.reduction}`);
    }
    this.#registers ??=
      this.#parameters.dataflow === "os"
        ? new OutputStationaryRegisters(this.#parameters, this.#arithmetic, this.#useLanes)
        : new StationaryRegisters(this.#parameters, this.#arithmetic, this.#useLanes);
    return this.#registers.run(ifmap, weight, tile);
  }
}

function checkTile(tile: GemmTile): void {
  if (tile.rows >= 1 && tile.columns >= 1 && tile.reduction >= 1) return;
  throw new ModelError("peArray", `tile of ${tile.rows} x ${tile.columns} x ${tile.reduction} has no work`);
}
