/** Tables of all PE arrays as one choice: the dataflow tells them apart. Arrays of one paper have a dataflow of its name. */
import { z } from "zod";
import { bitFusionTable } from "./bit-fusion/bit-fusion-parameters.js";
import { columnTable, palletTable } from "./bit-pragmatic/bit-pragmatic-parameters.js";
import { bitSerialTable } from "./bit-serial/bit-serial-parameters.js";
import { cambriconXTable } from "./cambricon-x/cambricon-x-parameters.js";
import { daDianNaoTable } from "./dadiannao/dadiannao-parameters.js";
import { dianNaoTable } from "./diannao/diannao-parameters.js";
import { eyerissV2Table } from "./eyeriss-v2/eyeriss-v2-parameters.js";
import { osMeshTable } from "./os-mesh/os-mesh-parameters.js";
import { s2taTable } from "./s2ta/s2ta-parameters.js";
import { dcnnTable } from "./scnn/dcnn-parameters.js";
import { scnnTable } from "./scnn/scnn-parameters.js";
import { shiftAddTable } from "./shift-add/shift-add-parameters.js";
import { sigmaTable } from "./sigma/sigma-parameters.js";
import { smartExchangeTable } from "./smartexchange/smartexchange-parameters.js";
import { sparseTensorCoreTable } from "./sparse-tensor-core/sparse-tensor-core-parameters.js";
import { staDbbTable } from "./sta-dbb/sta-dbb-parameters.js";
import { inputStationaryTable, outputStationaryTable, weightStationaryTable } from "./systolic-parameters.js";
import { vegetaTable } from "./vegeta/vegeta-parameters.js";

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
  eyerissV2Table.extend(
    dataflow("eyeriss-v2", "Weights stay in PEs; each non-zero activation meets its non-zero weights"),
  ),
  dcnnTable.extend(dataflow("dcnn", "Pieces of the plane stay in PEs; dot products over input channels")),
  osMeshTable.extend(dataflow("os-mesh", "Sums stay; lanes of inputs and weights share ports")),
  sigmaTable.extend(dataflow("sigma", "Non-zeros of one operand stay side by side; the other streams past them")),
  sparseTensorCoreTable.extend(
    dataflow("sparse-tensor-core", "Fragments of both operands meet each step; sums stay in accumulators"),
  ),
  vegetaTable.extend(
    dataflow("vegeta", "Kept weights stay in lanes and pick out of blocks that pass; psums pass down"),
  ),
  staDbbTable.extend(dataflow("sta-dbb", "Sums stay in tensor PEs; blocks of activations pass, weights pick theirs")),
  s2taTable.extend(
    dataflow("s2ta", "Sums stay in tensor PEs; activations of a block pass one by one, and pick their weights"),
  ),
  daDianNaoTable.extend(dataflow("dadiannao", "A brick of inputs goes to all filters, whose sums stay")),
  shiftAddTable.extend(dataflow("shift-add", "A few inputs go to all neurons, shifted by the powers of their weights")),
  bitFusionTable.extend(
    dataflow(
      "bit-fusion",
      "Activations pass along rows and psums down columns of fusion units, as wide as operands are",
    ),
  ),
  bitSerialTable.extend(
    dataflow("bit-serial", "Bits of a pallet of windows pass by weights, or bits of weights by them"),
  ),
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
