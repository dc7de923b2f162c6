/**
 * Reference traces of memory requests, made rather than stored: sequential, strided, random, copy, tile. Addresses are byte
 * addresses of whole requests of `requestBytes`; request i arrives in cycle i * gap.
 */
import { TraceError } from "../sim/core/errors.js";
import type { RequestBlock, RequestSource } from "../sim/ir/request-block.js";
import { mulberry32 } from "./mulberry32.js";

export const DRAM_PATTERNS = ["seq", "stride", "rand", "copy", "tile", "mixtile"] as const;
export type DramPatternName = (typeof DRAM_PATTERNS)[number];

/** Parameters of a pattern, as reference files write them. */
export interface DramPattern {
  readonly pat: DramPatternName;
  readonly n?: number;
  readonly base?: number;
  readonly stride?: number;
  readonly span?: number;
  readonly seed?: number;
  /** Writes, percent of random requests. */
  readonly wpct?: number;
  /** 1 when a sequential or strided pattern writes. */
  readonly w?: number;
  readonly gap?: number;
  readonly tiles?: number;
  readonly wtile?: number;
  readonly arows?: number;
  readonly arow?: number;
  readonly apitch?: number;
  readonly otile?: number;
}

const MEBIBYTE = 1024 * 1024;
const WEIGHT_BASE = 0x10000000;
const IFMAP_BASE = 0x40000000;
const OFMAP_BASE = 0x80000000;

/**
 * A pattern is a generator that gets a block, adds requests to it until it is full, yields, and goes on with the next: one
 * call a block, not one a request.
 */
type Filling = Generator<void, void, RequestBlock>;

/** Adds requests one by one; its blocks come from `next` of the generator it is used in. */
class Writer {
  block: RequestBlock;
  private readonly gap: number;
  private index = 0;

  constructor(block: RequestBlock, gap: number) {
    this.block = block;
    this.gap = gap;
  }

  /** @returns true when the block is full */
  add(address: number, isWrite: boolean): boolean {
    this.block.add(address, isWrite, this.gap * this.index++);
    return this.block.isFull;
  }
}

function* sequential(pattern: DramPattern, step: number, to: Writer): Filling {
  const isWrite = pattern.w === 1;
  const base = pattern.base ?? 0;
  for (let index = 0; index < pattern.n!; index++) if (to.add(base + index * step, isWrite)) to.block = yield;
}

function* random(pattern: DramPattern, requestBytes: number, to: Writer): Filling {
  const draw = mulberry32(pattern.seed!);
  const places = Math.floor(pattern.span! / requestBytes);
  const { base = 0, wpct = 0 } = pattern;
  for (let index = 0; index < pattern.n!; index++) {
    const address = base + (draw() % places) * requestBytes;
    if (to.add(address, wpct > 0 && draw() % 100 < wpct)) to.block = yield;
  }
}

function* copy(pattern: DramPattern, requestBytes: number, to: Writer): Filling {
  const bases = [0, 64 * MEBIBYTE, 192 * MEBIBYTE];
  for (let index = 0; index < pattern.n!; index++) {
    const which = index % 3;
    if (to.add(bases[which]! + Math.floor(index / 3) * requestBytes, which === 2)) to.block = yield;
  }
}

/** Weights, a two-dimensional ifmap tile and an ofmap tile, one after the other. */
function* tile(pattern: DramPattern, requestBytes: number, to: Writer): Filling {
  const { wtile = 16384, arows = 8, arow = 1024, apitch = 8192, otile = 4096 } = pattern;
  for (let t = 0; t < pattern.tiles!; t++) {
    for (let o = 0; o < wtile; o += requestBytes) if (to.add(WEIGHT_BASE + t * wtile + o, false)) to.block = yield;
    const tx = t % 8;
    const ty = Math.floor(t / 8);
    for (let row = 0; row < arows; row++) {
      const from = IFMAP_BASE + (ty * arows + row) * apitch + tx * arow;
      for (let o = 0; o < arow; o += requestBytes) if (to.add(from + o, false)) to.block = yield;
    }
    for (let o = 0; o < otile; o += requestBytes) if (to.add(OFMAP_BASE + t * otile + o, true)) to.block = yield;
  }
}

/** Weights and ifmaps interleaved, an ofmap write for every second step. */
function* mixedTile(pattern: DramPattern, requestBytes: number, to: Writer): Filling {
  const draw = mulberry32(pattern.seed!);
  let written = 0;
  for (let t = 0; t < pattern.tiles!; t++) {
    const ifmap = IFMAP_BASE + (draw() % 1024) * 32768;
    for (let k = 0; k < 64; k++) {
      const weights = WEIGHT_BASE + (t * 128 + 2 * k) * requestBytes;
      if (to.add(weights, false)) to.block = yield;
      if (to.add(weights + requestBytes, false)) to.block = yield;
      if (to.add(ifmap + k * requestBytes, false)) to.block = yield;
      if (k % 2 === 1 && to.add(OFMAP_BASE + written++ * requestBytes, true)) to.block = yield;
    }
  }
}

const NEEDS: Readonly<Record<DramPatternName, readonly (keyof DramPattern)[]>> = {
  seq: ["n"],
  stride: ["n", "stride"],
  rand: ["n", "span", "seed"],
  copy: ["n"],
  tile: ["tiles"],
  mixtile: ["tiles", "seed"],
};

function fillingOf(pattern: DramPattern, requestBytes: number, to: Writer): Filling {
  switch (pattern.pat) {
    case "seq":
      return sequential(pattern, requestBytes, to);
    case "stride":
      return sequential(pattern, pattern.stride!, to);
    case "rand":
      return random(pattern, requestBytes, to);
    case "copy":
      return copy(pattern, requestBytes, to);
    case "tile":
      return tile(pattern, requestBytes, to);
    case "mixtile":
      return mixedTile(pattern, requestBytes, to);
  }
}

/** @throws TraceError for a pattern that is unknown or lacks a parameter */
export function checkDramPattern(pattern: DramPattern, where: string): void {
  const needs = NEEDS[pattern.pat] as readonly (keyof DramPattern)[] | undefined;
  if (needs === undefined) {
    throw new TraceError({
      where,
      got: `pattern ${pattern.pat}`,
      want: `one of ${DRAM_PATTERNS.join(", ")}`,
      fix: "name one of these",
    });
  }
  const missing = needs.filter((name) => !(Number.isFinite(pattern[name]) && Number(pattern[name]) >= 0));
  if (missing.length > 0) {
    throw new TraceError({
      where,
      got: `no ${missing.join(", ")}`,
      want: `${pattern.pat} with ${needs.join(", ")}, numbers of at least 0`,
      fix: "add what is missing",
    });
  }
}

/** The requests of a pattern. @throws TraceError for a pattern that is unknown or lacks a parameter */
export function dramPatternSource(pattern: DramPattern, requestBytes: number): RequestSource {
  checkDramPattern(pattern, "trace pattern");
  let filling: Filling | undefined;
  return {
    fill(block) {
      block.length = 0;
      filling ??= fillingOf(pattern, requestBytes, new Writer(block, pattern.gap ?? 0));
      filling.next(block);
    },
  };
}
