/**
 * Interface energy from bus activity, in picojoules: V^2 / R while a terminated line draws current, and a fixed energy for
 * each rising edge. The controller drives clocks, commands and write data; the DRAM drives read data and their strobes.
 * Source: the interface equations of DRAMPower 6.
 */
import { type BusActivity, CLOCK_LEVELS, type LineActivity } from "./bus-activity.js";
import type { InterfaceParameters } from "./interface-parameters.js";
import type { CommandPowerParameters } from "./power-parameters.js";
import { STANDARD_RULES } from "./standard-rules.js";

export interface InterfaceEnergy {
  readonly controllerStaticPj: number;
  readonly controllerDynamicPj: number;
  readonly dramStaticPj: number;
  readonly dramDynamicPj: number;
}

/** @param commandAddress activity of the command bus, which the meter does not see */
export function interfaceEnergy(
  { standard, timings }: CommandPowerParameters,
  parameters: InterfaceParameters,
  activity: BusActivity,
  commandAddress: LineActivity,
): InterfaceEnergy {
  const { drawingLevel } = STANDARD_RULES[standard];
  const { clock, commandAddress: commandLines, writeClock, readStrobe, writeStrobe } = parameters;
  const { readData, writeData, beatsPerClock } = parameters;
  let controllerStaticPj = 0;
  let controllerDynamicPj = 0;
  let dramStaticPj = 0;
  let dramDynamicPj = 0;

  const staticPj = (line: DrivenLine, levelsPerClock: number, { [drawingLevel]: bits }: LineActivity): number => {
    if (line.terminationOhms === undefined) return 0;
    // V^2 / ohm x ps = pJ.
    return (bits * parameters.VDDQ ** 2 * timings.tCKps) / (line.terminationOhms * levelsPerClock);
  };
  const controller = (line: DrivenLine, levelsPerClock: number, bus: LineActivity): void => {
    controllerStaticPj += staticPj(line, levelsPerClock, bus);
    controllerDynamicPj += bus.risingEdges * line.risingEdgePj;
  };
  const dram = (line: DrivenLine, levelsPerClock: number, bus: LineActivity): void => {
    dramStaticPj += staticPj(line, levelsPerClock, bus);
    dramDynamicPj += bus.risingEdges * line.risingEdgePj;
  };

  controller(clock, CLOCK_LEVELS, activity.clock);
  controller(commandLines, commandLines.levelsPerClock, commandAddress);
  if (writeClock !== undefined) controller(writeClock, writeClock.levelsPerClock, activity.writeClock);
  if (writeStrobe !== undefined) controller(writeStrobe, writeStrobe.levelsPerClock, activity.writeStrobe);
  controller(writeData, beatsPerClock, activity.writeData);
  dram(readStrobe, readStrobe.levelsPerClock, activity.readStrobe);
  dram(readData, beatsPerClock, activity.readData);
  return { controllerStaticPj, controllerDynamicPj, dramStaticPj, dramDynamicPj };
}

interface DrivenLine {
  readonly terminationOhms?: number | undefined;
  readonly risingEdgePj: number;
}

export function totalInterfaceEnergyPj(energy: InterfaceEnergy): number {
  return Object.values(energy).reduce((sum: number, part: number) => sum + part, 0);
}
