/**
 * An encoding says how a weight matrix is stored and what work that causes. It describes the matrix as the array sees
 * it: `reduction` rows (C*R*S of a convolution, the inner dimension of a product) by `columns` (output channels).
 */

/** An encoding by name, with its parameters as plain data (validated by the encoding's own table). */
export interface EncodingChoice {
  readonly name: string;
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
}

/** The shape and value width of one weight matrix. */
export interface WeightMatrixShape {
  /** Length of the reduction axis (C*R*S). */
  readonly reduction: number;
  /** Output channels (K). */
  readonly columns: number;
  readonly valueBits: number;
}

/** Bits as really packed. */
export interface StoredBits {
  readonly valueBits: number;
  readonly metadataBits: number;
}

/** What a tile of the encoded matrix makes the hardware do. */
export interface EncodingWork {
  /** Stored values, zeros that were padded in included. */
  readonly storedValues: number;
  /** Longest stored reduction of any column: what a lock-step array must walk through. */
  readonly reductionLength: number;
  /** Values that a decoder must produce to give an array that knows only dense weights its operands. */
  readonly decodedValues: number;
}

/** Packed form of one matrix: bytes of values and bytes of metadata, apart. */
export interface PackedMatrix {
  readonly shape: WeightMatrixShape;
  readonly values: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface Encoding {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  /** Bits of a matrix of that shape. @throws ConfigError when the parameters do not fit the shape */
  storedBits(shape: WeightMatrixShape): StoredBits;
  work(shape: WeightMatrixShape): EncodingWork;
  /**
   * Packs values, row-major `[reduction, columns]`, signed integers of `valueBits`.
   * @throws ConfigError when the values do not have the encoding's structure
   */
  pack(values: Int32Array, shape: WeightMatrixShape): PackedMatrix;
  /** The effective values, row-major `[reduction, columns]`: `unpack(pack(w))` equals `w`. */
  unpack(packed: PackedMatrix): Int32Array;
}
