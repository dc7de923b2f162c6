/**
 * What the lines of the interface do in a run: bits that are high and low, and rising edges, summed over the lines of each
 * bus. Clocks and strobes are differential pairs that toggle; data follow the stated share of ones and changes; all lines
 * rest low. The command bus depends on the truth tables of the commands: its activity is the caller's.
 */
import type { InterfaceParameters } from "./interface-parameters.js";

export interface LineActivity {
  readonly ones: number;
  readonly zeros: number;
  readonly risingEdges: number;
}

export interface BusActivity {
  readonly clock: LineActivity;
  readonly writeClock: LineActivity;
  readonly readStrobe: LineActivity;
  readonly writeStrobe: LineActivity;
  readonly readData: LineActivity;
  readonly writeData: LineActivity;
}

/** Bursts of one direction on a bus that the ranks share. */
export interface Bursts {
  readonly count: number;
  /** Cycle of the last burst's command; without meaning while there is none. */
  readonly lastCycle: number;
}

/** Levels of a differential pair in one memory clock. */
export const CLOCK_LEVELS = 2;
const LINES_OF_A_PAIR = 2;

/** @param devicesPerRank each with its own data lines; clocks and strobes are counted once */
export function busActivity(
  parameters: InterfaceParameters,
  devicesPerRank: number,
  reads: Bursts,
  writes: Bursts,
  endCycle: number,
): BusActivity {
  const { readStrobe, writeStrobe, writeClock } = parameters;
  const burstClocks = Math.floor(parameters.burstBeats / parameters.beatsPerClock);
  const strobe = (line: typeof readStrobe | undefined, bursts: Bursts): LineActivity =>
    line === undefined ? SILENT : toggling(burstClocks * line.levelsPerClock, bursts.count * line.pairs);
  const dataLines = parameters.dataWidthBits * devicesPerRank;
  return {
    clock: toggling(endCycle * CLOCK_LEVELS, 1),
    writeClock:
      writeClock === undefined ? SILENT : writeClockActivity(writeClock, burstClocks, reads, writes, endCycle),
    readStrobe: strobe(readStrobe, reads),
    writeStrobe: strobe(writeStrobe, writes),
    readData: dataActivity(parameters, dataLines, reads, endCycle),
    writeData: dataActivity(parameters, dataLines, writes, endCycle),
  };
}

const SILENT: LineActivity = { ones: 0, zeros: 0, risingEdges: 0 };

/** Both lines of a pair through so many levels, several times over: one of the two rises at every second level. */
function toggling(levels: number, times: number): LineActivity {
  const each = LINES_OF_A_PAIR * Math.floor(levels / 2) * times;
  return { ones: each, zeros: each, risingEdges: each };
}

function writeClockActivity(
  { levelsPerClock, alwaysOn }: NonNullable<InterfaceParameters["writeClock"]>,
  burstClocks: number,
  reads: Bursts,
  writes: Bursts,
  endCycle: number,
): LineActivity {
  if (alwaysOn) return toggling(endCycle * levelsPerClock, 1);
  return toggling(burstClocks * levelsPerClock, reads.count + writes.count);
}

function dataActivity(
  { burstBeats, beatsPerClock, onesFraction, togglesPerBeat }: InterfaceParameters,
  lines: number,
  bursts: Bursts,
  endCycle: number,
): LineActivity {
  let beats = bursts.count * burstBeats;
  // A last burst is cut where the run ends.
  if (bursts.count > 0) beats -= Math.max(0, burstBeats - (endCycle - bursts.lastCycle) * beatsPerClock);
  const idleBeats = endCycle * beatsPerClock - beats;
  return {
    ones: Math.floor(beats * onesFraction) * lines,
    zeros: (Math.floor(beats * (1 - onesFraction)) + idleBeats) * lines,
    // Every second change is a rise.
    risingEdges: Math.floor((beats * togglesPerBeat) / 2) * lines,
  };
}
