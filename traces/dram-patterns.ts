/**
 * Reference traces of memory requests, made rather than stored: sequential, strided, random, copy, tile. Addresses are byte
 * addresses of whole requests of `requestBytes`; request i arrives in cycle i * gap.
 */
import { TraceError } from "../sim/core/errors.js";
import type { RequestStream } from "../sim/ir/request-stream.js";
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

interface Request {
  readonly address: number;
  readonly isWrite: boolean;
}

function* sequential(pattern: DramPattern, step: number): Generator<Request> {
  const isWrite = pattern.w === 1;
  for (let index = 0; index < pattern.n!; index++) yield { address: (pattern.base ?? 0) + index * step, isWrite };
}

function* random(pattern: DramPattern, requestBytes: number): Generator<Request> {
  const draw = mulberry32(pattern.seed!);
  const places = Math.floor(pattern.span! / requestBytes);
  for (let index = 0; index < pattern.n!; index++) {
    const address = (pattern.base ?? 0) + (draw() % places) * requestBytes;
    const isWrite = (pattern.wpct ?? 0) > 0 && draw() % 100 < pattern.wpct!;
    yield { address, isWrite };
  }
}

function* copy(pattern: DramPattern, requestBytes: number): Generator<Request> {
  const bases = [0, 64 * MEBIBYTE, 192 * MEBIBYTE];
  for (let index = 0; index < pattern.n!; index++) {
    const which = index % 3;
    yield { address: bases[which]! + Math.floor(index / 3) * requestBytes, isWrite: which === 2 };
  }
}

/** Weights, a two-dimensional ifmap tile and an ofmap tile, one after the other. */
function* tile(pattern: DramPattern, requestBytes: number): Generator<Request> {
  const { wtile = 16384, arows = 8, arow = 1024, apitch = 8192, otile = 4096 } = pattern;
  for (let t = 0; t < pattern.tiles!; t++) {
    for (let o = 0; o < wtile; o += requestBytes) yield { address: WEIGHT_BASE + t * wtile + o, isWrite: false };
    const tx = t % 8;
    const ty = Math.floor(t / 8);
    for (let row = 0; row < arows; row++) {
      for (let o = 0; o < arow; o += requestBytes) {
        yield { address: IFMAP_BASE + (ty * arows + row) * apitch + tx * arow + o, isWrite: false };
      }
    }
    for (let o = 0; o < otile; o += requestBytes) yield { address: OFMAP_BASE + t * otile + o, isWrite: true };
  }
}

/** Weights and ifmaps interleaved, an ofmap write for every second step. */
function* mixedTile(pattern: DramPattern, requestBytes: number): Generator<Request> {
  const draw = mulberry32(pattern.seed!);
  let written = 0;
  for (let t = 0; t < pattern.tiles!; t++) {
    const ifmap = IFMAP_BASE + (draw() % 1024) * 32768;
    for (let k = 0; k < 64; k++) {
      yield { address: WEIGHT_BASE + (t * 128 + 2 * k) * requestBytes, isWrite: false };
      yield { address: WEIGHT_BASE + (t * 128 + 2 * k + 1) * requestBytes, isWrite: false };
      yield { address: ifmap + k * requestBytes, isWrite: false };
      if (k % 2 === 1) yield { address: OFMAP_BASE + written++ * requestBytes, isWrite: true };
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

function requestsOf(pattern: DramPattern, requestBytes: number): Generator<Request> {
  switch (pattern.pat) {
    case "seq":
      return sequential(pattern, requestBytes);
    case "stride":
      return sequential(pattern, pattern.stride!);
    case "rand":
      return random(pattern, requestBytes);
    case "copy":
      return copy(pattern, requestBytes);
    case "tile":
      return tile(pattern, requestBytes);
    case "mixtile":
      return mixedTile(pattern, requestBytes);
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

/** The requests of a pattern as a stream. @throws TraceError for a pattern that is unknown or lacks a parameter */
export function dramPatternStream(pattern: DramPattern, requestBytes: number): RequestStream {
  checkDramPattern(pattern, "trace pattern");
  const requests = requestsOf(pattern, requestBytes);
  const gap = pattern.gap ?? 0;
  let index = 0;
  const stream = {
    address: 0,
    isWrite: false,
    arrivalCycle: 0,
    next(): boolean {
      const { value, done } = requests.next();
      if (done) return false;
      stream.address = value.address;
      stream.isWrite = value.isWrite;
      stream.arrivalCycle = gap * index++;
      return true;
    },
  };
  return stream;
}
