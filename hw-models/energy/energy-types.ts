/** Vocabulary of energy accounting: actions that are counted, components they belong to, and sources. */

/** Where energy goes: these sum to a layer's energy. */
export const ENERGY_COMPONENTS = [
  "mac",
  "registers",
  "ifmapBuffer",
  "weightBuffer",
  "ofmapBuffer",
  "vectorUnit",
  "weightDecoder",
  "indexUnit",
  "dram",
  "leakage",
] as const;
export type EnergyComponent = (typeof ENERGY_COMPONENTS)[number];

/** Where the energy of DRAM goes: these sum to its component. */
export const DRAM_PARTS = ["read", "write", "activate", "refresh", "background", "selfRefresh"] as const;
export type DramPart = (typeof DRAM_PARTS)[number];

/** Integer action counts of one layer: what the energy table is multiplied with. */
export const ACTIONS = [
  /** Multiply-accumulates done (one each). */
  "macOps",
  /** Digits of a recoded operand, other than 0, times a weight, each with its accumulation. */
  "boothDigitOps",
  /** Powers of two of an operand times a weight: a shift and an accumulation each. */
  "shiftAddOps",
  /** Digits of 2 bits of both operands: a small multiplication and its addition in a tree. */
  "brickOps",
  /** A bit of one operand times the other operand, and its addition in a tree. */
  "bitProducts",
  /** Sums of trees that are accumulated. */
  "treeSums",
  /** Operand register writes: an operand passed from PE to PE or held in one. */
  "operandRegisterWrites",
  /** Psum register writes inside the array, and accumulator read-modify-writes below it. */
  "psumRegisterWrites",
  /** Whole-row accesses (`widthBytes` each) of the three buffers. */
  "ifmapBufferReads",
  "ifmapBufferWrites",
  "weightBufferReads",
  "weightBufferWrites",
  "ofmapBufferReads",
  "ofmapBufferWrites",
  /** Element operations of the vector unit. */
  "vectorOps",
  /** Dense weights produced by the decoder. */
  "decodedWeights",
  /** Shifts with addition that rebuild weights from coefficients and a basis. */
  "rebuildShiftAdds",
  /** Entries of an index that a selector looks at: bits of rows, steps, coordinates. */
  "indexEntries",
  /** Operands or products that pass a crossbar to where their index sends them. */
  "crossbarTransfers",
  /** Bits of operands times the two-way stages of the multiplexers that pick them out of blocks. */
  "selectedBits",
  /** Bytes over the DRAM bus, whole bursts, by tensor. */
  "dramWeightReadBytes",
  "dramMetadataReadBytes",
  "dramIfmapReadBytes",
  "dramPsumReadBytes",
  "dramPsumWriteBytes",
  "dramOfmapWriteBytes",
  /** DRAM rows opened, by tensor, and refreshes of a rank or of a bank. */
  "dramWeightActivates",
  "dramIfmapActivates",
  "dramOfmapActivates",
  "dramRefreshes",
  "dramBankRefreshes",
  /** Cycles of the memory clock that ranks were in a background state, summed over ranks and channels. */
  "dramActiveStandbyCycles",
  "dramPrechargeStandbyCycles",
  "dramActivePowerDownCycles",
  "dramPrechargePowerDownCycles",
  "dramSelfRefreshCycles",
] as const;
export type ActionName = (typeof ACTIONS)[number];
export type ActionCounts = Readonly<Record<ActionName, number>>;

/** Actions of a memory that has rows and states: they come from its run, not from the operation's work. */
type DramActivityName = Extract<ActionName, `dram${string}${"Activates" | "efreshes" | "Cycles"}`>;

export const NO_DRAM_ACTIVITY: Readonly<Record<DramActivityName, number>> = {
  dramWeightActivates: 0,
  dramIfmapActivates: 0,
  dramOfmapActivates: 0,
  dramRefreshes: 0,
  dramBankRefreshes: 0,
  dramActiveStandbyCycles: 0,
  dramPrechargeStandbyCycles: 0,
  dramActivePowerDownCycles: 0,
  dramPrechargePowerDownCycles: 0,
  dramSelfRefreshCycles: 0,
};

/** One figure behind the report, with where it comes from. */
export interface SourceEntry {
  readonly entry: string;
  readonly value: number;
  readonly unit: string;
  readonly source: string;
}

/** Something the energy or area leaves out, with the reason. */
export interface NotModelled {
  readonly what: string;
  readonly reason: string;
}
