/** What a register-level run counts as it goes. */
export class RegisterCounts {
  macOps = 0;
  rowPortReads = 0;
  columnPortReads = 0;
  ofmapWrites = 0;
  psumReads = 0;
  operandRegisterWrites = 0;
  psumRegisterWrites = 0;
}
