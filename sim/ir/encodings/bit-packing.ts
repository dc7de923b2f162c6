/**
 * Bit streams: fields of 0 to 32 bits packed without gaps, least significant bit first, last byte filled with zeros.
 */

export class BitWriter {
  readonly bytes: Uint8Array;
  #byte = 0;
  /** Bits not yet written, below 2^8. */
  #pending = 0;
  #pendingBits = 0;

  /** @param bits total that will be written */
  constructor(bits: number) {
    this.bytes = new Uint8Array(Math.ceil(bits / 8));
  }

  /** Appends the low `width` bits of a value (two's complement). */
  write(value: number, width: number): void {
    const field = width === 32 ? value >>> 0 : value & ((1 << width) - 1);
    let pending = this.#pending + field * 2 ** this.#pendingBits;
    let pendingBits = this.#pendingBits + width;
    while (pendingBits >= 8) {
      this.bytes[this.#byte++] = pending % 256;
      pending = Math.floor(pending / 256);
      pendingBits -= 8;
    }
    if (pendingBits > 0) this.bytes[this.#byte] = pending;
    this.#pending = pending;
    this.#pendingBits = pendingBits;
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
    return width > 0 && field >= 2 ** (width - 1) ? field - 2 ** width : field;
  }
}
