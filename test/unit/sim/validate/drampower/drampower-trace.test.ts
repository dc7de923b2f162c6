import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PREA, RD, SREFEN } from "../../../../../hw-models/dram/power/power-commands.js";
import { TraceError } from "../../../../../sim/core/errors.js";
import { readDrampowerTrace } from "../../../../../sim/validate/drampower/drampower-trace.js";

const ORGANIZATION = { ranks: 2, bankGroups: 4, banksPerGroup: 4, devicesPerRank: 1 };
const HEADER = "timestamp,command,rank,bankgroup,bank,row,column";

async function written(text: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "drampower-trace-")), "trace.csv");
  await writeFile(path, text);
  return path;
}

const read = async (lines: readonly string[], ending = "\n") =>
  readDrampowerTrace(await written([HEADER, ...lines, ""].join(ending)), ORGANIZATION);

describe("command traces", () => {
  it("are read as numbers, banks counted through the ranks", async () => {
    const trace = await read(["0,RD,1,2,9,17,8", "4,PREA,0,0,0,0,0", "9,END,0,0,0,0,0"]);

    expect(trace).toEqual({
      length: 2,
      cycles: new Float64Array([0, 4]),
      commands: new Uint8Array([RD, PREA]),
      banks: new Uint32Array([25, 0]),
      endCycle: 9,
      hasSelfRefresh: false,
    });
  });

  it("may end their lines as Windows does, and know whether they enter self refresh", async () => {
    const trace = await read(["0,SREFEN,1,0,0,0,0", "9,END,0,0,0,0,0"], "\r\n");

    expect(trace).toMatchObject({ commands: new Uint8Array([SREFEN]), hasSelfRefresh: true, endCycle: 9 });
  });

  it("are absent where there is no file", async () => {
    expect(await readDrampowerTrace(join(tmpdir(), "no-such-trace.csv"), ORGANIZATION)).toBeUndefined();
  });

  it.each([
    ["is cut off", ["0,RD,0,0,0,0,0"], "no END row"],
    ["is cut off inside a line", ["0,RD,0,0"], "4 cells"],
    ["goes on after its end", ["3,END,0,0,0,0,0", "4,RD,0,0,0,0,0"], ":3 column command"],
    ["ends twice", ["3,END,0,0,0,0,0", "4,END,0,0,0,0,0"], "nothing after END"],
    ["runs backwards", ["5,RD,0,0,0,0,0", "4,RD,0,0,0,0,0", "9,END,0,0,0,0,0"], ":3 column timestamp"],
    ["ends before its last command", ["5,RD,0,0,0,0,0", "4,END,0,0,0,0,0"], "a whole number, 5 or more"],
    ["has an unknown command", ["5,READ,0,0,0,0,0", "9,END,0,0,0,0,0"], "got: READ"],
    ["names a rank too many", ["5,RD,2,0,0,0,0", "9,END,0,0,0,0,0"], "0 to 1"],
    ["names a bank too many", ["5,RD,0,4,16,0,0", "9,END,0,0,0,0,0"], "0 to 15"],
    ["names the group of another bank", ["5,RD,0,1,9,0,0", "9,END,0,0,0,0,0"], "column bankgroup"],
    ["has a negative time", ["-5,RD,0,0,0,0,0", "9,END,0,0,0,0,0"], "got: -5"],
    ["has half a cycle", ["0.5,RD,0,0,0,0,0", "9,END,0,0,0,0,0"], "got: 0.5"],
    ["has no number for a row", ["5,RD,0,0,0,x,0", "9,END,0,0,0,0,0"], "column row"],
    ["has an empty cell", ["5,RD,0,0,,0,0", "9,END,0,0,0,0,0"], "an empty cell"],
    ["has a huge time", ["99999999999999999999,END,0,0,0,0,0"], "column timestamp"],
  ])("are refused when one %s", async (_, lines, message) => {
    await expect(read(lines)).rejects.toThrow(TraceError);
    await expect(read(lines)).rejects.toThrow(message);
  });

  it.each([
    ["", "no END row"],
    ["a,b\n1,2\n", "the header timestamp,command"],
    [`${HEADER}\n`, "no END row"],
  ])("are refused when the file holds %j", async (text, message) => {
    const path = await written(text);

    await expect(readDrampowerTrace(path, ORGANIZATION)).rejects.toThrow(message);
  });

  it("are refused when they are a folder", async () => {
    await expect(readDrampowerTrace(tmpdir(), ORGANIZATION)).rejects.toThrow(/not a plain file/);
  });

  it("gather what is wrong, up to twenty complaints", async () => {
    const bad = new Array(1000).fill("1,NOPE,0,0,0,0,0");
    const error = await read(bad).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(TraceError);
    expect((error as TraceError).issues).toHaveLength(20);
  });

  it("of a million lines are read whole", async () => {
    const lines = Array.from({ length: 1_000_000 }, (_, index) => `${index},RD,${index % 2},0,0,0,0`);

    const trace = await read([...lines, "2000000,END,0,0,0,0,0"]);

    expect(trace).toMatchObject({ length: 1_000_000, endCycle: 2_000_000 });
    expect(trace!.banks[999_999]).toBe(16);
  });
});
