/** A preset: a whole machine as data, with the source of its sizes. */
import type { DesignInput } from "../design.js";

export interface Preset {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  /** Sources of fields and sections, by path, where they differ from the preset's own; the longest path counts. */
  readonly fieldSources?: Readonly<Record<string, string>>;
  readonly design: DesignInput;
}
