/** A stream of memory requests, read one at a time so that a trace of any length takes no memory. */

export interface RequestStream {
  /** Moves to the following request; false at the end. */
  next(): boolean;
  /** Byte address. */
  readonly address: number;
  readonly isWrite: boolean;
  /** Cycle from which the request may be offered. */
  readonly arrivalCycle: number;
}
