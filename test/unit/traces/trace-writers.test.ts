/** Files that runs leave: traces, command traces; whole or not at all. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { RequestBlock } from "../../../sim/ir/request-block.js";
import { CommandTraceWriter } from "../../../traces/command-trace-writer.js";
import { type DramPattern, dramPatternSource } from "../../../traces/dram-patterns.js";
import { MemoryTraceWriter } from "../../../traces/memory-trace-writer.js";
import { discardUnfinishedFiles, WholeFile } from "../../../traces/whole-file.js";

const TRACES = JSON.parse(
  readFileSync(new URL("../../fixtures/dram/dram-traces.json", import.meta.url), "utf8"),
) as Record<string, DramPattern & { sha256: Record<string, string> }>;

const newFolder = (): string => mkdtempSync(join(tmpdir(), "pj-files-"));

describe("a trace that is written", () => {
  it("has the bytes of the reference, compressed or not", () => {
    const folder = newFolder();
    for (const name of ["rand_mix30_g20", "tile"]) {
      const pattern = TRACES[name]!;
      for (const ending of ["txt", "txt.gz"]) {
        const path = join(folder, `${name}.${ending}`);
        const writer = new MemoryTraceWriter(path);
        const source = dramPatternSource(pattern, 64);
        const block = new RequestBlock(700);
        for (source.fill(block); block.length > 0; source.fill(block)) writer.add(block);
        writer.finish();
        const bytes = readFileSync(path);
        const text = ending === "txt" ? bytes : gunzipSync(bytes);

        expect(createHash("sha256").update(text).digest("hex")).toBe(pattern.sha256["64"]);
      }
    }
    expect(readdirSync(folder)).toHaveLength(4);
  });
});

describe("a command trace", () => {
  const at = (cycle: number, channel: number) => ({ cycle, channel, command: "REF", rank: 0 });

  it("is in the order of cycles and channels, with columns empty that a command does not have", () => {
    const path = join(newFolder(), "commands.csv");
    const writer = new CommandTraceWriter(path, 2);
    writer.add(at(5, 1));
    writer.add({ ...at(5, 0), command: "ACT", bankGroup: 2, bank: 3, row: 77 });
    writer.add({ ...at(9, 0), command: "RD", bankGroup: 2, bank: 3, row: 77, column: 1 });
    writer.add({ ...at(7, 1), command: "PRE", bankGroup: 0, bank: 0 });
    writer.finish();

    expect(readFileSync(path, "utf8")).toBe(
      [
        "cycle,command,channel,rank,bankgroup,bank,row,column",
        "5,ACT,0,0,2,3,77,",
        "5,REF,1,0,,,,",
        "7,PRE,1,0,0,0,,",
        "9,RD,0,0,2,3,77,1",
        "",
      ].join("\n"),
    );
  });

  it("of channels that are far apart in time is in order, equal cycles by channel", () => {
    const folder = newFolder();
    const path = join(folder, "many.csv");
    const writer = new CommandTraceWriter(path, 3);
    // Channel 2 has every cycle, channel 0 every third twice, channel 1 nothing.
    for (let cycle = 0; cycle < 60_000; cycle++) writer.add(at(cycle, 2));
    for (let cycle = 0; cycle < 60_000; cycle += 3)
      for (const command of ["ACT", "RD"]) writer.add({ ...at(cycle, 0), command });
    writer.finish();
    const expected: string[] = [];
    for (let cycle = 0; cycle < 60_000; cycle++) {
      if (cycle % 3 === 0) expected.push(`${cycle},ACT,0,0,,,,`, `${cycle},RD,0,0,,,,`);
      expected.push(`${cycle},REF,2,0,,,,`);
    }

    const lines = readFileSync(path, "utf8").trim().split("\n").slice(1);
    expect(lines).toEqual(expected);
    expect(readdirSync(folder)).toEqual(["many.csv"]);
  });

  it("refuses commands of a channel that go back in time, and leaves nothing when it is discarded", () => {
    const folder = newFolder();
    for (const channels of [1, 2]) {
      const writer = new CommandTraceWriter(join(folder, "late.csv"), channels);
      writer.add(at(7, 0));

      expect(() => writer.add(at(6, 0))).toThrow(/channel 0 .*out of order/);
      writer.discard();
    }
    expect(readdirSync(folder)).toEqual([]);
    expect(() => new CommandTraceWriter(join(folder, "nowhere", "x.csv"), 2)).toThrow(/ENOENT/);
  });
});

describe("a file", () => {
  it("appears when it is finished, in the place of the one before", () => {
    const folder = newFolder();
    const path = join(folder, "a.txt");
    writeFileSync(path, "old");
    const file = new WholeFile(path, "test");
    file.write("new ".repeat(500_000));
    file.write("end");
    const before = readFileSync(path, "utf8");
    file.finish();

    expect(before).toBe("old");
    expect(readFileSync(path, "utf8")).toBe(`${"new ".repeat(500_000)}end`);
    expect(readdirSync(folder)).toEqual(["a.txt"]);
  });

  it("leaves nothing behind when it is discarded, and all that are begun go with the program", () => {
    const folder = newFolder();
    const one = new WholeFile(join(folder, "one.txt"), "test");
    const two = new WholeFile(join(folder, "two.txt"), "test");
    one.write("x");
    two.write("x");
    one.discard();
    one.discard();
    discardUnfinishedFiles();

    expect(readdirSync(folder)).toEqual([]);
    expect(existsSync(two.path)).toBe(false);
  });

  it("is refused where there is no writing", () => {
    const folder = newFolder();
    mkdirSync(join(folder, "sub"));
    writeFileSync(join(folder, "file"), "");

    expect(() => new WholeFile(join(folder, "sub"), "test")).toThrow(/test '.*sub'[\s\S]*a folder/);
    expect(() => new WholeFile(join(folder, "nowhere", "a"), "test")).toThrow(/ENOENT/);
    expect(() => new WholeFile(join(folder, "file", "a"), "test")).toThrow(/ENOTDIR/);
    expect(() => new WholeFile("/dev/null", "test")).toThrow(/not a plain file/);
    expect(readdirSync(folder).toSorted()).toEqual(["file", "sub"]);
  });
});
