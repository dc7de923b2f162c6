/** Transfers that wait to be handed to the controllers, burst by burst, in the order in which they were asked for. */
import { ModelError } from "../../sim/core/errors.js";
import { type BlockAccess, BurstWalk, emptyAccess } from "../../sim/engine/block-access.js";
import type { AddressMap, DecodedAddress } from "./address-map.js";

/** Transfers that may wait at a time: far more than the double buffers can ask for. */
const CAPACITY = 256;

export class BurstQueue {
  /** Slot of the ticket whose burst is next. */
  slot = -1;
  /** The next burst: its address and where it goes. */
  address = 0;
  readonly place: DecodedAddress = { channel: 0, rank: 0, bankGroup: 0, bank: 0, row: 0, column: 0 };
  /** True when there is a next burst. */
  hasBurst = false;
  private readonly burstBytes: number;
  private readonly map: AddressMap;
  private readonly walk: BurstWalk;
  private readonly accesses: readonly BlockAccess[] = Array.from({ length: CAPACITY }, emptyAccess);
  private readonly slots = new Int32Array(CAPACITY);
  private head = 0;
  private tail = 0;

  constructor(burstBytes: number, map: AddressMap) {
    this.burstBytes = burstBytes;
    this.map = map;
    this.walk = new BurstWalk(burstBytes);
  }

  add(slot: number, access: BlockAccess): void {
    if (this.tail - this.head === CAPACITY) throw new ModelError("dram.memory", `${CAPACITY} transfers wait`);
    Object.assign(this.accesses[this.tail % CAPACITY]!, access);
    this.slots[this.tail % CAPACITY] = slot;
    this.tail++;
    if (!this.hasBurst) this.startTransfer();
  }

  /** The next burst was taken. @returns true when it was the last of its transfer */
  take(): boolean {
    const { walk } = this;
    walk.burst++;
    if (walk.burst <= walk.lastBurst || walk.nextRow()) {
      this.locate();
      return false;
    }
    this.head++;
    this.hasBurst = false;
    if (this.head < this.tail) this.startTransfer();
    return true;
  }

  private startTransfer(): void {
    this.slot = this.slots[this.head % CAPACITY]!;
    this.walk.start(this.accesses[this.head % CAPACITY]!);
    if (!this.walk.nextRow()) throw new ModelError("dram.memory", "a transfer of no bytes");
    this.hasBurst = true;
    this.locate();
  }

  private locate(): void {
    this.address = this.walk.burst * this.burstBytes;
    this.map.decode(this.address, this.place);
  }
}
