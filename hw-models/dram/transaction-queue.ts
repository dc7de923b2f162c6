/** Requests that were accepted and wait for a command queue, oldest first: a few columns that shift when one is taken. */

export class TransactionQueue {
  readonly capacity: number;
  readonly address: Float64Array;
  readonly bank: Int32Array;
  readonly row: Int32Array;
  readonly column: Int32Array;
  readonly isWrite: Uint8Array;
  readonly addedCycle: Float64Array;
  length = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.address = new Float64Array(capacity);
    this.bank = new Int32Array(capacity);
    this.row = new Int32Array(capacity);
    this.column = new Int32Array(capacity);
    this.isWrite = new Uint8Array(capacity);
    this.addedCycle = new Float64Array(capacity);
  }

  get isFull(): boolean {
    return this.length === this.capacity;
  }

  add(bank: number, row: number, column: number, isWrite: boolean, address: number, addedCycle: number): void {
    const slot = this.length++;
    this.bank[slot] = bank;
    this.row[slot] = row;
    this.column[slot] = column;
    this.isWrite[slot] = isWrite ? 1 : 0;
    this.address[slot] = address;
    this.addedCycle[slot] = addedCycle;
  }

  remove(index: number): void {
    this.length--;
    if (index === this.length) return;
    this.address.copyWithin(index, index + 1, this.length + 1);
    this.bank.copyWithin(index, index + 1, this.length + 1);
    this.row.copyWithin(index, index + 1, this.length + 1);
    this.column.copyWithin(index, index + 1, this.length + 1);
    this.isWrite.copyWithin(index, index + 1, this.length + 1);
    this.addedCycle.copyWithin(index, index + 1, this.length + 1);
  }
}
