/** When a rank without work sleeps. */
import type { ControllerParameters } from "./controller-parameters.js";

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Contract: `lastUse` is the cycle of the rank's last command for a request, -1 before the first. A rank for which a request
 * or a refresh waits does not sleep, whatever is answered here; timing may put off what is answered.
 */
export interface SleepPolicy {
  /** False when no rank ever sleeps. */
  readonly isUsed: boolean;
  /** @param isTouched the rank has had a command */
  maySleep(isTouched: boolean): boolean;
  /** First cycle in which the rank is powered down; infinite when never. */
  powerDownAt(lastUse: number): number;
  /** First cycle in which the rank is put into self refresh; infinite when never. */
  selfRefreshAt(lastUse: number): number;
}

/** After so many idle cycles each. */
export function sleepAfterIdle(parameters: ControllerParameters): SleepPolicy {
  const { powerDownAfterCycles = NEVER, selfRefreshAfterCycles = NEVER } = parameters;
  const onlyUntouched = parameters.sleepOf === "untouched-ranks";
  return {
    isUsed: powerDownAfterCycles < NEVER || selfRefreshAfterCycles < NEVER,
    maySleep: (isTouched) => !(onlyUntouched && isTouched),
    powerDownAt: (lastUse) => lastUse + powerDownAfterCycles,
    selfRefreshAt: (lastUse) => lastUse + selfRefreshAfterCycles,
  };
}
