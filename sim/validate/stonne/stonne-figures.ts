/** The figures of a run, under the names of the table's columns. */
export interface StonneFigures {
  readonly cycles: number;
  readonly sram_weight_reads: number;
  readonly sram_input_reads: number;
  readonly sram_psum_reads: number;
  readonly sram_psum_writes: number;
  readonly reconfigurations: number;
  readonly multiplications: number;
  readonly adder_ops: number;
  readonly accumulator_ops: number;
}

/** Figures of a random operand that tell whether it was drawn as the peer did. */
export interface OperandFigures {
  readonly nnz_mk: number;
  readonly nnz_kn: number;
  readonly mk_row_nnz: readonly number[];
  readonly kn_col_nnz: readonly number[];
}
