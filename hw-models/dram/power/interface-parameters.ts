/**
 * Parameter table of a DRAM interface: lines that draw current through their termination at one level, and charge on every
 * rising edge. Left out: data bus inversion, pre- and postambles.
 */
import { z } from "zod";
import { count, flag, real } from "../../../sim/core/params.js";

const BOARD = "board and driver settings";

const line = {
  terminationOhms: real(0, 1e12, {
    unit: "ohm",
    description: "Driver and termination in series while the line is driven; without, the line is not terminated",
    source: BOARD,
  }).optional(),
  risingEdgePj: real(0, 1e9, { unit: "pJ", description: "Energy of one change from low to high", source: BOARD }, true),
};
const lineTable = z.strictObject(line);

const levels = real(0, 64, {
  description: "Levels that a line of the bus takes in one memory clock",
  source: "JEDEC standard of the device",
});

const strobeTable = z.strictObject({
  ...line,
  levelsPerClock: levels,
  pairs: count(1, 64, { description: "Pairs of strobe lines", source: "JEDEC: one for each byte of a device" }),
});

const ratio = (description: string) =>
  real(0, 1, { description, source: "0.5 for random data; measure it on the data itself" }, true).default(0.5);

export const interfaceTable = z.strictObject({
  VDDQ: real(0, 10, { unit: "V", description: "Supply of the drivers", source: BOARD }, true),
  burstBeats: count(1, 1024, { description: "Beats of one burst", source: "JEDEC burst length" }),
  beatsPerClock: count(1, 64, { description: "Beats of the data bus in one memory clock", source: "JEDEC standard" }),
  dataWidthBits: count(1, 1024, { unit: "bits", description: "Data lines of one device", source: "device" }),
  clock: lineTable,
  commandAddress: z.strictObject({ ...line, levelsPerClock: levels }),
  writeClock: z
    .strictObject({
      ...line,
      levelsPerClock: levels,
      alwaysOn: flag({ description: "Runs all the time, not only in bursts", source: "mode register of the device" }),
    })
    .optional(),
  readStrobe: strobeTable,
  writeStrobe: strobeTable.optional(),
  readData: lineTable,
  writeData: lineTable,
  onesFraction: ratio("Share of the beats of a burst in which a data line is high"),
  togglesPerBeat: ratio("Changes of a data line in one beat of a burst"),
});
export type InterfaceParameters = z.infer<typeof interfaceTable>;
