/**
 * Bit streams: fields of 0 to 32 bits packed without gaps, least significant bit first, last byte filled with zeros.
 */

/** Bits of a field that tells `count` things apart: ceil(log2(count)), 0 for one thing. */
export function bitsFor(count: number): number {
  let bits = 0;
  while (2 ** bits < count) bits++;
  return bits;
}

export class BitWriter {
  readonly bits: number;
  readonly bytes: Uint8Array;
  #byte = 0;
  /** Bits not yet written, below 2^8. */
  #pending = 0;
  #pendingBits = 0;

  /** @param bits total that will be written */
  constructor(bits: number) {
    this.bits = bits;
    this.bytes = new Uint8Array(Math.ceil(bits / 8));
  }

  /** Appends the low `width` bits of a value (two's complement). */
  write(value: number, width: number): void {
    // At most 7 bits are pending between fields: with 24 more they fit 31 bits.
    if (width > 24) {
      this.#writeWide(value, width);
      return;
    }
    let pending = this.#pending | ((value & ((1 << width) - 1)) << this.#pendingBits);
    let pendingBits = this.#pendingBits + width;
    while (pendingBits >= 8) {
      this.bytes[this.#byte++] = pending & 255;
      pending >>>= 8;
      pendingBits -= 8;
    }
    if (pendingBits > 0) this.bytes[this.#byte] = pending;
    this.#pending = pending;
    this.#pendingBits = pendingBits;
  }

  #writeWide(value: number, width: number): void {
    this.write(value & 0xffff, 16);
    this.write(value >>> 16, width - 16);
  }
}

export class BitReader {
  readonly #bytes: Uint8Array;
  #byte = 0;
  #pending = 0;
  #pendingBits = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The next `width` bits as an unsigned number; bits past the end read as zero. */
  readUnsigned(width: number): number {
    // At most 7 bits are pending between reads: with the bytes that 24 more take they fit 31 bits.
    if (width > 24) return this.#readWide(width);
    let pending = this.#pending;
    let pendingBits = this.#pendingBits;
    while (pendingBits < width) {
      pending |= (this.#bytes[this.#byte++] ?? 0) << pendingBits;
      pendingBits += 8;
    }
    this.#pending = pending >>> width;
    this.#pendingBits = pendingBits - width;
    return pending & ((1 << width) - 1);
  }

  #readWide(width: number): number {
    while (this.#pendingBits < width) {
      this.#pending += (this.#bytes[this.#byte++] ?? 0) * 2 ** this.#pendingBits;
      this.#pendingBits += 8;
    }
    const modulus = 2 ** width;
    const field = this.#pending % modulus;
    this.#pending = Math.floor(this.#pending / modulus);
    this.#pendingBits -= width;
    return field;
  }

  /** The next `width` bits as a two's complement number. */
  readSigned(width: number): number {
    const field = this.readUnsigned(width);
    return (field << (32 - width)) >> (32 - width);
  }
}
