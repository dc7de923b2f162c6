/** Finds a DRAM device by what the user typed. */
import { DRAM_DEVICES } from "../../hw-models/dram/index.js";
import type { DramPreset } from "../../hw-models/dram/preset.js";
import { lookUp } from "../core/registry.js";

/** @throws ConfigError for an unknown name, with the nearest spelling */
export function loadDevice(name: string): DramPreset {
  return lookUp(DRAM_DEVICES, name, "device");
}
