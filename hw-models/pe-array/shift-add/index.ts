/** The array of shift-and-add units as an entry of the registry of PE arrays. */
import type { PeArrayKind } from "../pe-array-kind.js";
import type { ParametersOf } from "../pe-array-parameters.js";
import { ShiftAddArray } from "./shift-add.js";
import { shiftedWidth } from "./shift-add-parameters.js";
import { describeShiftAdd, shiftAddHints, shiftAddInventory } from "./shift-add-structure.js";

export const SHIFT_ADD: PeArrayKind<ParametersOf<"shift-add">> = {
  name: "shift-add",
  description: "Neurons with a few barrel shifters and an adder tree each, for weights that are sums of powers of two",
  source: "Elhoushi et al., 'DeepShift', CVPRW 2021; Li et al., ICLR 2020; grid of Chen et al., ASPLOS 2014",
  create: (parameters, arithmetic) => new ShiftAddArray(parameters, arithmetic),
  describe: describeShiftAdd,
  axes: ({ outputs, inputs }) => [
    { dimensions: ["K"], axis: "neurons", parts: outputs },
    { dimensions: ["C", "R", "S"], axis: "inputs", parts: inputs },
  ],
  widened: (parameters, outputs) => ({ ...parameters, outputs }),
  tilingHints: shiftAddHints,
  storage: () => ({ name: "dense", parameters: {} }),
  shiftedBits: shiftedWidth,
  inventory: shiftAddInventory,
};
