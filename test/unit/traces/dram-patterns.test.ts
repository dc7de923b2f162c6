/** Generated traces against the checksums and first lines of the reference. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RequestBlock } from "../../../sim/ir/request-block.js";
import { type DramPattern, dramPatternSource } from "../../../traces/dram-patterns.js";
import { mulberry32 } from "../../../traces/mulberry32.js";

const TRACES = JSON.parse(
  readFileSync(new URL("../../fixtures/dram/dram-traces.json", import.meta.url), "utf8"),
) as Record<string, DramPattern & { sha256: Record<string, string>; head: Record<string, string[]> }>;

function textOf(pattern: DramPattern, requestBytes: number): string {
  const source = dramPatternSource(pattern, requestBytes);
  const block = new RequestBlock();
  let text = "";
  for (;;) {
    source.fill(block);
    if (block.length === 0) return text;
    for (let index = 0; index < block.length; index++) {
      const kind = block.isWrite[index] === 1 ? "WRITE" : "READ";
      text += `0x${block.address[index]!.toString(16).toUpperCase()} ${kind} ${block.arrivalCycle[index]}\n`;
    }
  }
}

describe("DRAM patterns", () => {
  it("draw the numbers of mulberry32", () => {
    const draw = mulberry32(1);
    expect([draw(), draw(), draw()]).toEqual([2693262067, 11749833, 2265367787]);
    const other = mulberry32(12345);
    expect([other(), other(), other()]).toEqual([4207900869, 1317490944, 2079646450]);
  });

  for (const [name, pattern] of Object.entries(TRACES)) {
    it(`give ${name} byte for byte, for every request size`, () => {
      for (const [requestBytes, sha256] of Object.entries(pattern.sha256)) {
        const text = textOf(pattern, Number(requestBytes));

        expect(text.split("\n").slice(0, 3)).toEqual(pattern.head[requestBytes]);
        expect(createHash("sha256").update(text).digest("hex")).toBe(sha256);
      }
    });
  }

  it("refuse a pattern that lacks what it needs", () => {
    expect(() => dramPatternSource({ pat: "rand", n: 3 }, 64)).toThrow(/span, seed/);
    expect(() => dramPatternSource({ pat: "zigzag" as "seq", n: 3 }, 64)).toThrow(/one of seq/);
  });
});
