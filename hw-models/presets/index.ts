/** Registry of designs. */
import { EYERISS_PRESET } from "./eyeriss.js";
import type { Preset } from "./preset.js";
import { SYSTOLIC_PRESETS } from "./systolic.js";
import { TPU_PRESETS } from "./tpu-like.js";

export const PRESETS: Readonly<Record<string, Preset>> = Object.fromEntries(
  [...SYSTOLIC_PRESETS, ...TPU_PRESETS, EYERISS_PRESET].map((preset) => [preset.name, preset]),
);
