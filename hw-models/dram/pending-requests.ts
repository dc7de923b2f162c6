/**
 * Requests that have been accepted and not yet served, by full address. Reads of one address wait together and complete
 * together; writes of one address are one. The waiting reads are linked lists in columns, so that a request allocates nothing.
 */

const NONE = -1;

export class PendingRequests {
  private readonly firstRead = new Map<number, number>();
  private readonly writes = new Set<number>();
  private nextRead = new Int32Array(1024);
  private addedCycle = new Float64Array(1024);
  private free = NONE;
  private used = 0;

  hasRead(address: number): boolean {
    return this.firstRead.has(address);
  }

  hasWrite(address: number): boolean {
    return this.writes.has(address);
  }

  addWrite(address: number): void {
    this.writes.add(address);
  }

  removeWrite(address: number): void {
    this.writes.delete(address);
  }

  addRead(address: number, addedCycle: number): void {
    const node = this.takeNode();
    this.addedCycle[node] = addedCycle;
    this.nextRead[node] = this.firstRead.get(address) ?? NONE;
    this.firstRead.set(address, node);
  }

  /** Takes all reads of an address; `visit` gets the cycle in which each was added. */
  takeReads(address: number, visit: (addedCycle: number) => void): void {
    let node = this.firstRead.get(address) ?? NONE;
    this.firstRead.delete(address);
    while (node !== NONE) {
      const next = this.nextRead[node]!;
      visit(this.addedCycle[node]!);
      this.nextRead[node] = this.free;
      this.free = node;
      node = next;
    }
  }

  private takeNode(): number {
    if (this.free !== NONE) {
      const node = this.free;
      this.free = this.nextRead[node]!;
      return node;
    }
    if (this.used === this.nextRead.length) {
      const next = new Int32Array(2 * this.used);
      next.set(this.nextRead);
      this.nextRead = next;
      const added = new Float64Array(2 * this.used);
      added.set(this.addedCycle);
      this.addedCycle = added;
    }
    return this.used++;
  }
}
