/**
 * Actions that a command causes later: a binary heap by time, equal times in the order of insertion. Columns of typed arrays,
 * so that deferring allocates nothing but when the heap must grow.
 */

const FIRST_CAPACITY = 64;
const NEVER = Number.POSITIVE_INFINITY;

export class DeferredActions {
  /** Cycle of the first action, or infinity. */
  nextCycle = NEVER;
  /** Action that `take` took, and what it is for. */
  kind = 0;
  index = 0;
  private cycles = new Float64Array(FIRST_CAPACITY);
  private orders = new Float64Array(FIRST_CAPACITY);
  private kinds = new Uint8Array(FIRST_CAPACITY);
  private indices = new Uint32Array(FIRST_CAPACITY);
  private length = 0;
  private inserted = 0;

  reset(): void {
    this.length = 0;
    this.inserted = 0;
    this.nextCycle = NEVER;
  }

  /** @param index the bank or rank that the action is for */
  defer(cycle: number, kind: number, index: number): void {
    if (this.length === this.cycles.length) this.grow();
    let place = this.length++;
    // The newest comes after its equals, so parents move down only when strictly later.
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.cycles[parent]! <= cycle) break;
      this.move(parent, place);
      place = parent;
    }
    this.put(place, cycle, this.inserted++, kind, index);
    this.nextCycle = this.cycles[0]!;
  }

  /** Removes the first action, leaving it in `kind` and `index`. Only while `nextCycle` is finite. */
  take(): void {
    this.kind = this.kinds[0]!;
    this.index = this.indices[0]!;
    this.length--;
    if (this.length === 0) {
      this.nextCycle = NEVER;
      return;
    }
    this.sinkLast();
    this.nextCycle = this.cycles[0]!;
  }

  /** Puts what lies behind the end at the root and lets it sink to its place. */
  private sinkLast(): void {
    const last = this.length;
    const cycle = this.cycles[last]!;
    const order = this.orders[last]!;
    let place = 0;
    for (let child = 1; child < last; child = 2 * place + 1) {
      if (child + 1 < last && this.isBefore(child + 1, this.cycles[child]!, this.orders[child]!)) child++;
      if (!this.isBefore(child, cycle, order)) break;
      this.move(child, place);
      place = child;
    }
    this.put(place, cycle, order, this.kinds[last]!, this.indices[last]!);
  }

  private isBefore(place: number, cycle: number, order: number): boolean {
    const own = this.cycles[place]!;
    return own < cycle || (own === cycle && this.orders[place]! < order);
  }

  private move(from: number, to: number): void {
    this.put(to, this.cycles[from]!, this.orders[from]!, this.kinds[from]!, this.indices[from]!);
  }

  private put(place: number, cycle: number, order: number, kind: number, index: number): void {
    this.cycles[place] = cycle;
    this.orders[place] = order;
    this.kinds[place] = kind;
    this.indices[place] = index;
  }

  private grow(): void {
    const capacity = this.cycles.length * 2;
    const { cycles, orders, kinds, indices } = this;
    this.cycles = new Float64Array(capacity);
    this.orders = new Float64Array(capacity);
    this.kinds = new Uint8Array(capacity);
    this.indices = new Uint32Array(capacity);
    this.cycles.set(cycles);
    this.orders.set(orders);
    this.kinds.set(kinds);
    this.indices.set(indices);
  }
}
