/** The bit-serial array as an entry of the registry of PE arrays. */
import type { PeArrayKind } from "../pe-array-kind.js";
import type { ParametersOf } from "../pe-array-parameters.js";
import { BitSerialArray } from "./bit-serial.js";
import { bitSerialHints, bitSerialInventory, describeBitSerial } from "./bit-serial-structure.js";

export const BIT_SERIAL: PeArrayKind<ParametersOf<"bit-serial">> = {
  name: "bit-serial",
  description: "Tiles of serial inner-product units: one operand bit by bit, so that a layer takes cycles as its width",
  source: "Judd et al., 'Stripes', MICRO 2016; Lee et al., 'UNPU', JSSC 2019",
  create: (parameters, arithmetic) => new BitSerialArray(parameters, arithmetic),
  describe: describeBitSerial,
  axes: ({ tiles, filtersPerTile, windowsPerPallet, lanes }) => [
    { dimensions: ["K"], axis: "filters", parts: tiles * filtersPerTile },
    { dimensions: ["N", "P", "Q"], axis: "windows", parts: windowsPerPallet },
    { dimensions: ["C"], axis: "lanes", parts: lanes },
  ],
  widened: (parameters, filtersPerTile) => ({ ...parameters, filtersPerTile }),
  tilingHints: bitSerialHints,
  storage: () => ({ name: "dense", parameters: {} }),
  serialOperand: ({ serialOperand }) => serialOperand,
  inventory: bitSerialInventory,
};
