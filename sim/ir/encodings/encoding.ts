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
  /**
   * Positions of a filter kernel (R*S): so many rows, one after the other, belong to one input channel.
   * @default 1
   */
  readonly kernelSize?: number;
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

/** How much a matrix takes when it is packed, and what work that makes. */
export interface PackedSize {
  readonly bits: StoredBits;
  readonly work: EncodingWork;
}

/** Packed form of one matrix: bytes of values and bytes of metadata, apart. */
export interface PackedMatrix extends PackedSize {
  readonly shape: WeightMatrixShape;
  readonly values: Uint8Array;
  readonly metadata: Uint8Array;
  /** Bits that were written, before the last bytes were filled up. */
  readonly bits: StoredBits;
  /** The work of these very values. */
  readonly work: EncodingWork;
}

export interface Encoding {
  readonly name: string;
  /** True where bits and work are the same for all values of a shape. */
  readonly isFixedSize: boolean;
  /**
   * Bits of a matrix of that shape, scales and zero points included. Where they depend on the values, those of a matrix with the
   * density that the parameters state; a packed matrix carries its own.
   * @throws ConfigError when the parameters do not fit the shape, or no density is stated where one is needed
   */
  storedBits(shape: WeightMatrixShape): StoredBits;
  /** As `storedBits`, the work. */
  work(shape: WeightMatrixShape): EncodingWork;
  /**
   * Packs values, row-major `[reduction, columns]`, signed integers of `valueBits`.
   * @throws ConfigError when the values do not have the encoding's structure
   */
  pack(values: Int32Array, shape: WeightMatrixShape): PackedMatrix;
  /** What `pack` says of values that it takes, without making the bytes; of filters [columns, reduction]. Absent: pack them. */
  measure?(filters: ArrayLike<number>, shape: WeightMatrixShape): PackedSize;
  /** @throws NetworkError when the bytes are none that `pack` writes for that shape; what passes can be walked unchecked */
  check(packed: PackedMatrix): void;
  /** The effective values, row-major `[reduction, columns]`: `unpack(pack(w))` equals `w`. @throws NetworkError as `check` does */
  unpack(packed: PackedMatrix): Int32Array;
}
