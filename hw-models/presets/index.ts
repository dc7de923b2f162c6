/** Registry of designs. */
import { BIT_PRAGMATIC_PRESET } from "./bit-pragmatic.js";
import { CAMBRICON_X_PRESET } from "./cambricon-x.js";
import { DIANNAO_PRESET } from "./diannao.js";
import { EYERISS_PRESET } from "./eyeriss.js";
import type { Preset } from "./preset.js";
import { SCNN_PRESET } from "./scnn.js";
import { SMARTEXCHANGE_PRESET } from "./smartexchange.js";
import { SYSTOLIC_PRESETS } from "./systolic.js";
import { TPU_PRESETS } from "./tpu-like.js";

const ALL: readonly Preset[] = [
  ...SYSTOLIC_PRESETS,
  ...TPU_PRESETS,
  EYERISS_PRESET,
  DIANNAO_PRESET,
  CAMBRICON_X_PRESET,
  SCNN_PRESET,
  BIT_PRAGMATIC_PRESET,
  SMARTEXCHANGE_PRESET,
];

export const PRESETS: Readonly<Record<string, Preset>> = Object.fromEntries(ALL.map((preset) => [preset.name, preset]));
