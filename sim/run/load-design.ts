/** Finds a design by what the user typed: the name of a preset, or a YAML or JSON file. */
import { type Design, designTable } from "../../hw-models/design.js";
import { planDram } from "../../hw-models/dram/dram-plan.js";
import { PRESETS } from "../../hw-models/presets/index.js";
import { readDesign } from "../ir/import/design-yaml.js";

export interface LoadDesignOptions {
  /** Overrides, `peArray.rows=16`. */
  readonly set?: readonly string[];
}

/**
 * Loads and resolves a design: every parameter has its value, and the result is frozen.
 * @throws ConfigError listing everything that is wrong with it
 */
export async function loadDesign(reference: string, options: LoadDesignOptions = {}): Promise<Design> {
  const design = await readDesign(reference, { presets: PRESETS, table: designTable, set: options.set ?? [] });
  // What a device can be told to do depends on the device: that no table can say.
  planDram(design.dram);
  return design;
}
