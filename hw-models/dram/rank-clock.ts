/**
 * How long each rank was in which background state: what its standing power is charged by. Cycles are added up when a state
 * ends, so that skipped cycles cost nothing. The state that holds after the commands of a cycle has that cycle, but a command
 * that puts a rank to sleep still belongs to the state before.
 */

/** States, as numbers. */
export const ACTIVE_STANDBY = 0;
export const PRECHARGE_STANDBY = 1;
export const ACTIVE_POWER_DOWN = 2;
export const PRECHARGE_POWER_DOWN = 3;
export const SELF_REFRESH = 4;

const STATE_COUNT = 5;

export class RankClock {
  /** State that each rank is in. */
  readonly state: Uint8Array;
  private readonly since: Float64Array;
  private readonly cycles: Float64Array;

  constructor(ranks: number) {
    this.state = new Uint8Array(ranks).fill(PRECHARGE_STANDBY);
    this.since = new Float64Array(ranks);
    this.cycles = new Float64Array(ranks * STATE_COUNT);
  }

  /** A rank is in another state from a cycle on. */
  enter(rank: number, state: number, cycle: number): void {
    this.settle(rank, cycle);
    this.state[rank] = state;
  }

  /** Counts the cycles of all ranks up to, not including, a cycle. */
  settleAll(cycle: number): void {
    for (let rank = 0; rank < this.state.length; rank++) this.settle(rank, cycle);
  }

  private settle(rank: number, cycle: number): void {
    this.cycles[rank * STATE_COUNT + this.state[rank]!]! += cycle - this.since[rank]!;
    this.since[rank] = cycle;
  }

  /** Settled cycles of a state, over all ranks. */
  cyclesIn(state: number): number {
    let sum = 0;
    for (let rank = 0; rank < this.state.length; rank++) sum += this.cycles[rank * STATE_COUNT + state]!;
    return sum;
  }
}
