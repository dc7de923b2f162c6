/** Names of the report's records, in order; typed so that a new one cannot be forgotten. */
import type { CycleCause, LayerReport, WaitReason } from "../sim/run/report-types.js";

/** All keys of a record type, each exactly once. */
function keysOf<Name extends string>(record: Readonly<Record<Name, true>>): readonly Name[] {
  return Object.keys(record) as Name[];
}

export const CAUSES = keysOf<CycleCause>({
  compute: true,
  fillDrain: true,
  waitWeights: true,
  waitIfmap: true,
  waitOfmap: true,
  decode: true,
  vector: true,
});

export const REASONS = keysOf<WaitReason>({
  bandwidth: true,
  rowConflict: true,
  refresh: true,
  latency: true,
  bufferPort: true,
  dependency: true,
});

export const COMPONENTS = keysOf<keyof LayerReport["energyByComponentPj"]>({
  mac: true,
  registers: true,
  ifmapBuffer: true,
  weightBuffer: true,
  ofmapBuffer: true,
  vectorUnit: true,
  weightDecoder: true,
  indexUnit: true,
  dram: true,
  leakage: true,
});

export const DRAM_PARTS = keysOf<keyof LayerReport["dramEnergyPj"]>({
  read: true,
  write: true,
  activate: true,
  refresh: true,
  background: true,
  selfRefresh: true,
});

export const ACTION_NAMES = keysOf<keyof LayerReport["actions"]>({
  macOps: true,
  boothDigitOps: true,
  shiftAddOps: true,
  brickOps: true,
  bitProducts: true,
  treeSums: true,
  operandRegisterWrites: true,
  psumRegisterWrites: true,
  ifmapBufferReads: true,
  ifmapBufferWrites: true,
  weightBufferReads: true,
  weightBufferWrites: true,
  ofmapBufferReads: true,
  ofmapBufferWrites: true,
  vectorOps: true,
  decodedWeights: true,
  rebuildShiftAdds: true,
  indexEntries: true,
  crossbarTransfers: true,
  selectedBits: true,
  dramWeightReadBytes: true,
  dramMetadataReadBytes: true,
  dramIfmapReadBytes: true,
  dramPsumReadBytes: true,
  dramPsumWriteBytes: true,
  dramOfmapWriteBytes: true,
  dramWeightActivates: true,
  dramIfmapActivates: true,
  dramOfmapActivates: true,
  dramRefreshes: true,
  dramBankRefreshes: true,
  dramActiveStandbyCycles: true,
  dramPrechargeStandbyCycles: true,
  dramActivePowerDownCycles: true,
  dramPrechargePowerDownCycles: true,
  dramSelfRefreshCycles: true,
});

export const SHAPE = keysOf<keyof LayerReport["shape"]>({
  G: true,
  N: true,
  K: true,
  C: true,
  P: true,
  Q: true,
  R: true,
  S: true,
  H: true,
  W: true,
  elements: true,
});

export const TENSORS = keysOf<keyof LayerReport["energyByTensorPj"]>({ weight: true, ifmap: true, ofmap: true });

export const BUFFERS = keysOf<keyof LayerReport["buffers"]>({ ifmap: true, weight: true, ofmap: true });
