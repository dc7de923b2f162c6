/** Where tensors lie in DRAM: each gets a stretch of its own when it is first touched, in the order of the network. */

/** Allocations begin at a multiple of this: a page of virtual memory, at least a row of most devices. */
const ALIGNMENT_BYTES = 4096;

export class TensorAddresses {
  private readonly bases = new Map<string, number>();
  private next = 0;

  /** First byte of a tensor. @param bytes what it takes, asked for at its first touch */
  baseOf(storage: string, bytes: number): number {
    const known = this.bases.get(storage);
    if (known !== undefined) return known;
    const base = this.next;
    this.bases.set(storage, base);
    this.next += Math.ceil(Math.max(1, bytes) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    return base;
  }

  /** Bytes given out so far. */
  get usedBytes(): number {
    return this.next;
  }
}
