/** Memory traces as text: the forms that are read, what is refused and how, files of every kind, memory that stays flat. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RequestBlock } from "../../../sim/ir/request-block.js";
import { MemoryTraceParser } from "../../../traces/memory-trace-parser.js";
import { MemoryTraceReader } from "../../../traces/memory-trace-reader.js";

const folder = mkdtempSync(join(tmpdir(), "pj-trace-"));
const NO_LIMITS = { capacityBytes: 2 ** 53, endCycle: 2 ** 53 };

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

type Request = readonly [address: number, isWrite: number, arrivalCycle: number];

function requestsOf({ length, address, isWrite, arrivalCycle }: RequestBlock): Request[] {
  return Array.from({ length }, (_, index) => [address[index]!, isWrite[index]!, arrivalCycle[index]!] as const);
}

/** Requests of a text that comes in pieces. */
function parse(pieces: readonly string[], limits = NO_LIMITS): Request[] {
  const parser = new MemoryTraceParser("t", limits);
  const block = new RequestBlock(3);
  const requests: Request[] = [];
  const takeAll = (): void => {
    do {
      block.length = 0;
      parser.parse(block);
      requests.push(...requestsOf(block));
    } while (block.isFull);
  };
  for (const piece of pieces) {
    parser.push(new TextEncoder().encode(piece));
    takeAll();
  }
  parser.finish();
  takeAll();
  return requests;
}

async function read(path: string, limits = NO_LIMITS): Promise<Request[]> {
  const reader = await MemoryTraceReader.open(path, limits);
  const block = new RequestBlock(1000);
  const requests: Request[] = [];
  try {
    for (;;) {
      await reader.fill(block);
      if (block.length === 0) return requests;
      requests.push(...requestsOf(block));
    }
  } finally {
    await reader.close();
  }
}

describe("a memory trace", () => {
  it("is read in the form of DRAMsim3: address, word, arrival", () => {
    expect(parse(["0x1F40 READ 0\n0xfFfF0 WRITE 7\n64 READ 7\n"])).toEqual([
      [0x1f40, 0, 0],
      [0xffff0, 1, 7],
      [64, 0, 7],
    ]);
  });

  it("is read in the forms of Ramulator: loads and stores, reads and writes, hexadecimal or decimal", () => {
    expect(parse(["LD 0x40\nST 128\n"])).toEqual([
      [64, 0, 0],
      [128, 1, 0],
    ]);
    expect(parse(["R 0x40\nW 128\n"])).toEqual([
      [64, 0, 0],
      [128, 1, 0],
    ]);
  });

  it("may have blank lines, comments, blanks, tabs, line ends of two characters, and no end of its last line", () => {
    const text = "# head\r\n\n \t\n  0x40\tREAD   3  # why\r\n0x80 WRITE 4# so\n\t# tail\n0xC0 READ 5";

    expect(parse([text])).toEqual([
      [0x40, 0, 3],
      [0x80, 1, 4],
      [0xc0, 0, 5],
    ]);
  });

  it("keeps numbers exact up to the last below 2^53", () => {
    expect(parse(["0x1FFFFFFFFFFFFF READ 9007199254740991\n"])).toEqual([
      [Number.MAX_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER],
    ]);
  });

  it("gives the same requests wherever its bytes are cut", () => {
    const request = fc.record({
      address: fc.nat({ max: 2 ** 31 }),
      isWrite: fc.boolean(),
      gap: fc.nat({ max: 1000 }),
      comment: fc.constantFrom("", " # note", "\n\n", "\r"),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 20 }), fc.array(fc.nat()), fc.boolean(), (requests, cuts, ends) => {
        let cycle = 0;
        const expected: Request[] = [];
        const lines = requests.map(({ address, isWrite, gap, comment }) => {
          cycle += gap;
          expected.push([address, isWrite ? 1 : 0, cycle]);
          return `0x${address.toString(16)} ${isWrite ? "WRITE" : "READ"} ${cycle}${comment}`;
        });
        const text = lines.join("\n") + (ends ? "\n" : "");
        const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((place, index) => text.slice(places[index], place));

        expect(parse(pieces)).toEqual(expected);
      }),
    );
  });
});

describe("a line of a trace", () => {
  const limits = { capacityBytes: 0x1000, endCycle: 100 };
  const BAD: readonly (readonly [text: string, line: number, complaint: RegExp])[] = [
    ["0x1G READ 0", 1, /address 0x1G[\s\S]*hexadecimal digits/],
    ["0x READ 0", 1, /address 0x\n/],
    ["0x40 READ 0\n\n-5 READ 0", 3, /-5 READ 0/],
    ["0x40 READ -1", 1, /arrival cycle -1[\s\S]*whole number of cycles/],
    ["0x40 READ 1.5", 1, /arrival cycle 1\.5/],
    ["0x40 READ NaN", 1, /arrival cycle NaN/],
    ["0x40 READ 0x10", 1, /arrival cycle 0x10[\s\S]*in decimal/],
    ["0x40 READ 5\n0x40 READ 4", 2, /arrival cycle 4[\s\S]*at least 5/],
    ["0x40 READ 100", 1, /arrival cycle 100[\s\S]*below 100/],
    ["0x1000 READ 0", 1, /address 0x1000[\s\S]*below the memory's 4096 bytes \(0x1000\)/],
    ["0x20000000000000 READ 0", 1, /below 2\^53/],
    ["LD 99999999999999999999", 1, /below 2\^53/],
    ["0x40 READ", 1, /2 fields[\s\S]*3 fields/],
    ["0x40", 1, /1 fields/],
    ["0x40 READ 0 1", 1, /4 fields/],
    ["R 0x40 3", 1, /3 fields[\s\S]*2 fields/],
    ["R", 1, /1 fields|'R\|W ADDR'/],
    ["0x40 read 0", 1, /got: read\n want: READ or WRITE/],
    ["0x40 READY 0", 1, /got: READY/],
    ["0x40READ 0", 1, /fields/],
    ["X 0x40", 1, /X 0x40[\s\S]*'0xADDR READ\|WRITE CYCLE', 'LD\|ST ADDR' or 'R\|W ADDR'/],
    ["hello world", 1, /hello world/],
    ["R 0x40\nLD 0x40", 2, /LD 0x40[\s\S]*as in the lines before/],
    ["LD 0x40\n0x40 READ 0", 2, /as in the lines before/],
    ["R 0,0,1,2", 1, /address 0,0,1,2/],
    ["\u0000\u0001\u0002", 1, /no text trace/],
    ["0x40 READ 0\n\u00ff\u00fe", 2, /no text trace/],
  ];
  for (const [text, line, complaint] of BAD) {
    it(`is refused, by its number, when it is ${JSON.stringify(text)}`, () => {
      for (const end of ["", "\n", "\n0x40 READ 9\n"]) {
        expect(() => parse([text + end], limits)).toThrow(complaint);
        expect(() => parse([text + end], limits)).toThrow(`where: t:${line}\n`);
      }
    });
  }

  it("is refused when it never ends", () => {
    expect(() => parse(["#".repeat(50_000), "#".repeat(50_000)])).toThrow(/t:1[\s\S]*more than 65536 bytes/);
  });

  it("is a request exactly when it has the form, whatever is written", () => {
    const word = fc.constantFrom("READ", "WRITE", "LD", "ST", "R", "W", "RD", "READS", "#", "\r", "0x", "");
    const number = fc.constantFrom(
      "0",
      "7",
      "0x1f",
      "0X1F",
      "1f",
      "0x1fg",
      "18446744073709551616",
      "-1",
      "4096",
      "0xFFF",
    );
    const blank = fc.constantFrom(" ", "\t", "  ", "", "\u000b");
    const line = fc.array(fc.oneof(word, number, blank, blank), { maxLength: 7 }).map((parts) => parts.join(""));
    // The forms once more, as one regular expression and two comparisons.
    const form =
      /^[ \t]*(?:(?:(0[xX][0-9a-fA-F]+|\d+)[ \t]+(READ|WRITE)[ \t]+(\d+))|(?:(?:LD|ST|R|W)[ \t]+(0[xX][0-9a-fA-F]+|\d+)))?[ \t]*(?:#[^\n]*|\r)?$/;
    let accepted = 0;
    fc.assert(
      fc.property(line, (text) => {
        const match = form.exec(text);
        const isFine =
          match !== null && Number(match[1] ?? match[4] ?? 0) < limits.capacityBytes && Number(match[3] ?? 0) < 100;
        if (isFine) accepted++;
        if (isFine)
          expect(parse([text], limits)).toHaveLength(match[1] === undefined && match[4] === undefined ? 0 : 1);
        else expect(() => parse([text], limits)).toThrow(/where: t:1\n {2}got: .+\n want: .+\n {2}fix: .+/);
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(300);
  });
});

describe("a trace file", () => {
  const text = Array.from({ length: 5000 }, (_, index) => `0x${(index * 64).toString(16)} READ ${index}\n`).join("");
  const expected = Array.from({ length: 5000 }, (_, index) => [index * 64, 0, index]);

  it("may be plain or compressed, whatever its name says, and in several members", async () => {
    expect(await read(file("plain.gz", text))).toEqual(expected);
    expect(await read(file("packed.txt", gzipSync(text)))).toEqual(expected);
    const halves = [text.slice(0, 30_001), text.slice(30_001)].map((half) => gzipSync(half));
    expect(await read(file("members.gz", Buffer.concat(halves)))).toEqual(expected);
  });

  it("is refused when it is a folder, missing, empty, or without a request", async () => {
    mkdirSync(join(folder, "folder"));

    await expect(read(join(folder, "folder"))).rejects.toThrow(/folder[\s\S]*a folder/);
    await expect(read(join(folder, "nowhere"))).rejects.toThrow(/nowhere[\s\S]*ENOENT/);
    await expect(read(file("empty", ""))).rejects.toThrow(/empty[\s\S]*an empty file/);
    await expect(read(file("notes", "# nothing\n\n"))).rejects.toThrow(/without a request/);
    await expect(read(file("packed-nothing", gzipSync("")))).rejects.toThrow(/without a request/);
  });

  it("is refused when its compressed data break off or are damaged", async () => {
    const noise = Array.from(
      { length: 50_000 },
      (_, index) => `0x${((index * 2654435761) % 2 ** 32).toString(16)} READ 0\n`,
    );
    const packed = gzipSync(noise.join(""));

    for (const length of [3, 12, 1000, packed.length - 9, packed.length - 1]) {
      await expect(read(file(`short-${length}`, packed.subarray(0, length)))).rejects.toThrow(
        /:\d+[\s\S]*break off or are damaged in or after this line/,
      );
    }
    const damaged = Buffer.from(packed);
    damaged[packed.length - 6]! ^= 0xff;
    await expect(read(file("damaged", damaged))).rejects.toThrow(/break off or are damaged/);
  });

  it("may be left in the middle, compressed or not", async () => {
    const noise = Array.from({ length: 400_000 }, (_, index) => `R ${(index * 2654435761) % 2 ** 32}\n`).join("");
    for (const content of [noise, gzipSync(noise, { level: 1 })]) {
      const reader = await MemoryTraceReader.open(file("left", content));
      const block = new RequestBlock(10);
      await reader.fill(block);
      expect(block.length).toBe(10);
      await reader.close();
    }
    // Nothing of what was under way fails afterwards.
    await new Promise((resolve) => setTimeout(resolve, 50));
  });

  it("of twenty million lines takes the memory of a few chunks", async () => {
    const million = gzipSync("0x40 READ 0\n".repeat(1_000_000));
    const path = file("long.gz", Buffer.concat(Array.from({ length: 20 }, () => million)));
    const used = (): number => {
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const reader = await MemoryTraceReader.open(path);
    const block = new RequestBlock();
    let lines = 0;
    await reader.fill(block);
    const before = used();
    let most = before;
    for (; block.length > 0; await reader.fill(block)) {
      lines += block.length;
      most = Math.max(most, used());
    }
    await reader.close();

    expect(lines).toBe(20_000_000);
    // The text is 240 MB, its requests would be 340 MB.
    expect(most - before).toBeLessThan(100e6);
  });
});
