/** SmartExchange as an entry of the registry of PE arrays. */
import type { PeArrayKind } from "../pe-array-kind.js";
import type { ParametersOf } from "../pe-array-parameters.js";
import { SmartExchangeArray } from "./smartexchange.js";
import { describeSmartExchange, smartExchangeHints, smartExchangeInventory } from "./smartexchange-structure.js";

export const SMARTEXCHANGE: PeArrayKind<ParametersOf<"smartexchange">> = {
  name: "smartexchange",
  description: "Slices of lines of bit-serial MACs that rebuild weights from powers of two and small bases",
  source: "Zhao et al., 'SmartExchange', ISCA 2020",
  create: (parameters, arithmetic) => new SmartExchangeArray(parameters, arithmetic),
  describe: describeSmartExchange,
  axes: ({ slices, lines, macsPerLine }) => [
    { dimensions: ["K"], axis: "slices", parts: slices },
    { dimensions: ["C"], axis: "lines", parts: lines },
    { dimensions: ["P", "Q"], axis: "MACs", parts: macsPerLine },
  ],
  widened: (parameters, slices) => ({ ...parameters, slices }),
  tilingHints: smartExchangeHints,
  storage: () => ({ name: "dense", parameters: {} }),
  inventory: smartExchangeInventory,
};
