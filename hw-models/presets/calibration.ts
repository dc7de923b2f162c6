/** What the model of a machine gives beside what the paper of the machine claims, against that paper's own baseline. */

/** A published claim beside what our model of the machine gives for it. */
export interface Calibration {
  readonly claim: string;
  readonly published: number;
  readonly ours: number;
  readonly source: string;
}

/** How far from its claim a model may be, either way. */
const CALIBRATED_WITHIN = 0.25;

/** True where a model gives what its paper claims, to a quarter. */
export function isCalibrated({ published, ours }: Calibration): boolean {
  return Math.abs(ours / published - 1) <= CALIBRATED_WITHIN;
}
