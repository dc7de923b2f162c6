/** Registry of designs. */
import { BIT_FUSION_PRESET } from "./bit-fusion.js";
import { BIT_PRAGMATIC_PRESET } from "./bit-pragmatic.js";
import { BIT_SERIAL_PRESET } from "./bit-serial.js";
import { CAMBRICON_X_PRESET } from "./cambricon-x.js";
import { DIANNAO_PRESET } from "./diannao.js";
import { EYERISS_PRESET } from "./eyeriss.js";
import { EYERISS_V2_PRESET } from "./eyeriss-v2.js";
import { OS_MESH_PRESET } from "./os-mesh.js";
import type { Preset } from "./preset.js";
import { S2TA_PRESET } from "./s2ta.js";
import { SCNN_PRESET } from "./scnn.js";
import { SHIFT_ADD_PRESET } from "./shift-add.js";
import { SIGMA_PRESET } from "./sigma.js";
import { SMARTEXCHANGE_PRESET } from "./smartexchange.js";
import { SPARSE_TENSOR_CORE_PRESET } from "./sparse-tensor-core.js";
import { STA_DBB_PRESET, STA_PRESET } from "./sta-dbb.js";
import { SYSTOLIC_PRESETS } from "./systolic.js";
import { TPU_PRESETS } from "./tpu-like.js";
import { VEGETA_PRESET } from "./vegeta.js";

const ALL: readonly Preset[] = [
  ...SYSTOLIC_PRESETS,
  ...TPU_PRESETS,
  EYERISS_PRESET,
  DIANNAO_PRESET,
  CAMBRICON_X_PRESET,
  SCNN_PRESET,
  EYERISS_V2_PRESET,
  BIT_PRAGMATIC_PRESET,
  SMARTEXCHANGE_PRESET,
  OS_MESH_PRESET,
  SIGMA_PRESET,
  SPARSE_TENSOR_CORE_PRESET,
  VEGETA_PRESET,
  STA_PRESET,
  STA_DBB_PRESET,
  S2TA_PRESET,
  SHIFT_ADD_PRESET,
  BIT_FUSION_PRESET,
  BIT_SERIAL_PRESET,
];

export const PRESETS: Readonly<Record<string, Preset>> = Object.fromEntries(ALL.map((preset) => [preset.name, preset]));
