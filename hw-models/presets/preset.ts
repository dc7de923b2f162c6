/** A preset: a whole machine as data, with the source of its sizes. */
import type { DesignInput } from "../design.js";

export interface Preset {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  /** Sources of single fields, by path, where they differ from the preset's own. */
  readonly fieldSources?: Readonly<Record<string, string>>;
  readonly design: DesignInput;
}
