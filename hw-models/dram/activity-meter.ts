/** What channels did between one reading of their counters and the next. */
import type { MemoryActivity } from "../../sim/engine/memory-system.js";
import type { ChannelController } from "./channel-controller.js";
import type { ChannelObserver } from "./channel-observer.js";
import { addDramStatistics, type DramStatistics, emptyDramStatistics } from "./dram-statistics.js";

const TENSORS = [0, 1, 2];

export class ActivityMeter {
  private readonly channels: readonly ChannelController[];
  private readonly observers: readonly ChannelObserver[];
  private before: DramStatistics = emptyDramStatistics();
  private activatesBefore: readonly number[] = TENSORS.map(() => 0);

  constructor(channels: readonly ChannelController[], observers: readonly ChannelObserver[]) {
    this.channels = channels;
    this.observers = observers;
  }

  /** Activity since the last call up to, not including, a cycle; the channels have done all cycles before it. */
  take(cycle: number): MemoryActivity {
    const now = emptyDramStatistics();
    for (const channel of this.channels) {
      channel.settle(cycle);
      addDramStatistics(now, channel.statistics);
    }
    const activates = TENSORS.map((tensor) =>
      this.observers.reduce((sum, observer) => sum + observer.activates[tensor]!, 0),
    );
    const [weight, ifmap, ofmap] = activates.map((sum, tensor) => sum - this.activatesBefore[tensor]!);
    const { before } = this;
    this.before = now;
    this.activatesBefore = activates;
    return {
      activates: { weight: weight!, ifmap: ifmap!, ofmap: ofmap! },
      readBursts: now.readCommands - before.readCommands,
      writeBursts: now.writeCommands - before.writeCommands,
      rowHits: now.readRowHits + now.writeRowHits - before.readRowHits - before.writeRowHits,
      refreshes: now.refreshes - before.refreshes,
      bankRefreshes: now.bankRefreshes - before.bankRefreshes,
      activeStandbyCycles: now.rankActiveCycles - before.rankActiveCycles,
      prechargeStandbyCycles: now.rankIdleCycles - before.rankIdleCycles,
      activePowerDownCycles: now.rankActivePowerDownCycles - before.rankActivePowerDownCycles,
      prechargePowerDownCycles: now.rankPrechargePowerDownCycles - before.rankPrechargePowerDownCycles,
      selfRefreshCycles: now.rankSelfRefreshCycles - before.rankSelfRefreshCycles,
    };
  }
}
