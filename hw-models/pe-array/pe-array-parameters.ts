/** Tables of all PE arrays as one choice: the dataflow tells them apart. Arrays of one paper have a dataflow of its name. */
import { z } from "zod";
import { columnTable, palletTable } from "./bit-pragmatic/bit-pragmatic-parameters.js";
import { cambriconXTable } from "./cambricon-x/cambricon-x-parameters.js";
import { daDianNaoTable } from "./dadiannao/dadiannao-parameters.js";
import { dianNaoTable } from "./diannao/diannao-parameters.js";
import { dcnnTable } from "./scnn/dcnn-parameters.js";
import { scnnTable } from "./scnn/scnn-parameters.js";
import { smartExchangeTable } from "./smartexchange/smartexchange-parameters.js";
import { inputStationaryTable, outputStationaryTable, weightStationaryTable } from "./systolic-parameters.js";

function dataflow<const Name extends string>(name: Name, description: string) {
  return { dataflow: z.literal(name).meta({ description, source: "the paper of the array" }) };
}

export const peArrayTable = z.discriminatedUnion("dataflow", [
  outputStationaryTable,
  weightStationaryTable,
  inputStationaryTable,
  smartExchangeTable.extend(
    dataflow("smartexchange", "Rows of filters stay in lines, outputs in slices; rows of zeros are passed over"),
  ),
  dianNaoTable.extend(dataflow("diannao", "A few inputs go to all neurons, whose sums stay")),
  cambriconXTable.extend(dataflow("cambricon-x", "Non-zero synapses stay in PEs and pick their neurons")),
  scnnTable.extend(dataflow("scnn", "Pieces of the plane stay in PEs; non-zero activations meet all non-zero weights")),
  dcnnTable.extend(dataflow("dcnn", "Pieces of the plane stay in PEs; dot products over input channels")),
  daDianNaoTable.extend(dataflow("dadiannao", "A brick of inputs goes to all filters, whose sums stay")),
  palletTable
    .omit({ synchronisation: true })
    .extend(dataflow("pallet", "Powers of two of a pallet of windows, all of which wait for the slowest lane")),
  columnTable
    .omit({ synchronisation: true })
    .extend(
      dataflow("pallet-columns", "Powers of two of a pallet of windows, each of which waits for its own slowest lane"),
    ),
]);
export type PeArrayParameters = z.infer<typeof peArrayTable>;

/** The part of all parameters that one kind of array has. */
export type ParametersOf<Kind extends PeArrayParameters["kind"]> = Extract<PeArrayParameters, { kind: Kind }>;
