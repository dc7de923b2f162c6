/** A preset: a whole machine as data, with the source of its sizes. */
import type { DesignInput } from "../design.js";
import type { Calibration } from "./calibration.js";

export interface Preset {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  /** Sources of fields and sections, by path, where they differ from the preset's own; the longest path counts. */
  readonly fieldSources?: Readonly<Record<string, string>>;
  readonly design: DesignInput;
  /** What the model of the machine reproduces of its own paper, against that paper's own baseline. */
  readonly calibration?: Calibration;
  /** What was published of the machine and cannot be reproduced here, for a reader to have beside our figures. */
  readonly notes?: readonly string[];
}
