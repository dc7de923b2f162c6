/**
 * Widening of narrow floating-point formats to numbers, exactly. Half precision: IEEE 754 binary16. The 8-bit and 4-bit
 * formats: ONNX "Float stored in 8 bits" and OCP Microscaling Formats 1.0 (E8M0 scale, E2M1).
 */

/** The number that 16 bits of IEEE binary16 stand for. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

interface SmallFormat {
  readonly exponentBits: number;
  readonly fractionBits: number;
  readonly bias: number;
  /** What the codes at the top mean: IEEE infinities and NaN, one NaN code, NaN in place of minus zero, or neither. */
  readonly special: "ieee" | "all-ones-nan" | "negative-zero-nan" | "none";
}

const FORMATS: Readonly<Record<string, SmallFormat>> = {
  FLOAT8E4M3FN: { exponentBits: 4, fractionBits: 3, bias: 7, special: "all-ones-nan" },
  FLOAT8E4M3FNUZ: { exponentBits: 4, fractionBits: 3, bias: 8, special: "negative-zero-nan" },
  FLOAT8E5M2: { exponentBits: 5, fractionBits: 2, bias: 15, special: "ieee" },
  FLOAT8E5M2FNUZ: { exponentBits: 5, fractionBits: 2, bias: 16, special: "negative-zero-nan" },
  FLOAT4E2M1: { exponentBits: 2, fractionBits: 1, bias: 1, special: "none" },
};

/** The number of every code of a format; E8M0 is a bare power of two without sign. */
export function smallFloatTable(format: string): Float64Array {
  if (format === "FLOAT8E8M0") {
    return Float64Array.from({ length: 256 }, (_, code) => (code === 255 ? Number.NaN : 2 ** (code - 127)));
  }
  const { exponentBits, fractionBits, bias, special } = FORMATS[format]!;
  const codes = 2 ** (1 + exponentBits + fractionBits);
  return Float64Array.from({ length: codes }, (_, code) => {
    const negative = code >= codes / 2;
    const magnitude = code % (codes / 2);
    const exponent = magnitude >> fractionBits;
    const fraction = magnitude % 2 ** fractionBits;
    if (special === "negative-zero-nan" && negative && magnitude === 0) return Number.NaN;
    if (special === "all-ones-nan" && magnitude === codes / 2 - 1) return Number.NaN;
    if (special === "ieee" && exponent === 2 ** exponentBits - 1) {
      if (fraction !== 0) return Number.NaN;
      return negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    }
    const significand = exponent === 0 ? fraction * 2 ** (1 - fractionBits) : 1 + fraction * 2 ** -fractionBits;
    const value = exponent === 0 ? significand * 2 ** -bias : significand * 2 ** (exponent - bias);
    return negative ? -value : value;
  });
}
