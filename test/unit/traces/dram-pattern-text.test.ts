/** Patterns as users write them. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RequestBlock } from "../../../sim/ir/request-block.js";
import { dramPatternRequests, formatDramPattern, parseDramPattern } from "../../../traces/dram-pattern-text.js";
import { type DramPattern, dramPatternSource } from "../../../traces/dram-patterns.js";

const TRACES = JSON.parse(
  readFileSync(new URL("../../fixtures/dram/dram-traces.json", import.meta.url), "utf8"),
) as Record<string, DramPattern & { sha256: object; head: object }>;

describe("a pattern as text", () => {
  it("gives every reference trace its parameters back", () => {
    for (const { sha256: _sums, head: _lines, ...pattern } of Object.values(TRACES)) {
      const { pat, ...parameters } = pattern;
      const text = `${pat}:${Object.entries(parameters)
        .map(([key, value]) => `${key}=${value}`)
        .join(",")}`;

      expect(parseDramPattern(text, "--generate")).toEqual(pattern);
      expect(formatDramPattern(pattern)).toBe(text);
    }
  });

  it("takes hexadecimal and powers of ten, and a seed from outside when it draws", () => {
    expect(parseDramPattern(" RAND:n=1e6, span=0x40000000 ", "p", 7)).toEqual({
      pat: "rand",
      n: 1_000_000,
      span: 2 ** 30,
      seed: 7,
    });
    expect(parseDramPattern("rand:n=1,span=64,seed=3", "p", 7).seed).toBe(3);
    expect(parseDramPattern("seq:n=1", "p", 7)).toEqual({ pat: "seq", n: 1 });
  });

  const BAD: Readonly<Record<string, RegExp>> = {
    "sek:n=1": /did you mean 'seq'/,
    "": /seq, stride, rand, copy, tile, mixtile/,
    "seq:": /key=value of seq/,
    seq: /no n/,
    "rand:n=5,span=64": /seed/,
    "seq:n=0": /n=0[\s\S]*from 1/,
    "seq:n=-1": /n=-1/,
    "seq:n=1.5": /n=1\.5/,
    "seq:n=NaN": /n=NaN/,
    "seq:n=": /n=/,
    "seq:n=1,n=2": /n twice/,
    "seq:n=1,span=3": /span=3[\s\S]*n, base, w, gap/,
    "seq:n=1,w=2": /w=2[\s\S]*0 to 1/,
    "rand:n=1,span=64,seed=4294967296": /4294967295/,
    "rand:n=1,span=64,seed=1,wpct=101": /0 to 100/,
    "seq:n=9007199254740993": /below 2\^53/,
    "seq:n=1,__proto__=1": /__proto__/,
    "copy:n=1,constructor=1": /constructor/,
  };
  for (const [text, complaint] of Object.entries(BAD)) {
    it(`is refused when it is '${text}'`, () => {
      expect(() => parseDramPattern(text, "--generate")).toThrow(complaint);
      expect(() => parseDramPattern(text, "--generate")).toThrow(/where: --generate\n/);
    });
  }

  it("says how many requests it makes", () => {
    for (const pattern of [...Object.values(TRACES), { pat: "tile", tiles: 3, wtile: 100, otile: 0 } as const]) {
      for (const requestBytes of [64, 128, 256]) {
        const source = dramPatternSource(pattern, requestBytes);
        const block = new RequestBlock();
        let requests = 0;
        for (source.fill(block); block.length > 0; source.fill(block)) requests += block.length;

        expect(dramPatternRequests(pattern, requestBytes)).toBe(requests);
      }
    }
  });
});
