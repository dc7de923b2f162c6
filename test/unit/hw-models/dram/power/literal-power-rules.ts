/**
 * The state rules of the command power model written out plainly: objects, closures, a list kept in order, nothing shared
 * with the product but the shape of the parameters. Slow, and easy to hold against the text of the rules.
 */
import type { CommandPowerParameters } from "../../../../../hw-models/dram/power/power-parameters.js";

interface Interval {
  start: number;
  total: number;
  running: boolean;
}

interface Bank {
  open: boolean;
  active: Interval;
  activates: number;
  precharges: number;
  prechargedAt: number;
  refreshEnd: number;
}

interface Rank {
  banks: Bank[];
  active: Interval;
  pdna: Interval;
  pdnp: Interval;
  sref: Interval;
  dsm: Interval;
  refreshEnd: number;
}

const interval = (): Interval => ({ start: 0, total: 0, running: false });

function start(one: Interval, cycle: number): void {
  one.start = cycle;
  one.running = true;
}

function stop(one: Interval, cycle: number): void {
  if (one.running) one.total += cycle - one.start;
  one.running = false;
}

export class LiteralPowerRules {
  readonly ranks: Rank[];
  readonly parameters: CommandPowerParameters;
  later: { cycle: number; action: () => void }[] = [];

  constructor(parameters: CommandPowerParameters) {
    this.parameters = parameters;
    const { ranks, bankGroups, banksPerGroup } = parameters.organization;
    const bank = (): Bank => {
      return { open: false, active: interval(), activates: 0, precharges: 0, prechargedAt: 0, refreshEnd: 0 };
    };
    this.ranks = Array.from({ length: ranks }, () => ({
      banks: Array.from({ length: bankGroups * banksPerGroup }, bank),
      ...{ active: interval(), pdna: interval(), pdnp: interval(), sref: interval(), dsm: interval() },
      refreshEnd: 0,
    }));
  }

  get isDdr4(): boolean {
    return this.parameters.standard === "DDR4";
  }

  defer(cycle: number, action: () => void): void {
    const place = this.later.findIndex((other) => other.cycle > cycle);
    this.later.splice(place < 0 ? this.later.length : place, 0, { cycle, action });
  }

  run(until: number): void {
    while (this.later.length > 0 && this.later[0]!.cycle <= until) this.later.shift()!.action();
  }

  busy(rank: Rank, cycle: number): boolean {
    return rank.banks.some((bank) => bank.open) || cycle < rank.refreshEnd;
  }

  startRank(rank: Rank, cycle: number): void {
    if (this.isDdr4 ? !rank.active.running : !this.busy(rank, cycle)) start(rank.active, cycle);
  }

  pre(rank: Rank, bank: Bank, cycle: number): void {
    if (!bank.open) return;
    bank.precharges++;
    stop(bank.active, cycle);
    bank.prechargedAt = cycle;
    bank.open = false;
    if (!this.busy(rank, cycle)) stop(rank.active, cycle);
  }

  refresh(rank: Rank, bank: Bank, cycle: number, duration: number): void {
    this.startRank(rank, cycle);
    bank.open = true;
    if (!bank.active.running) start(bank.active, cycle);
    bank.refreshEnd = cycle + duration;
    this.defer(cycle + duration, () => {
      bank.open = false;
      stop(bank.active, cycle + duration);
      if (!this.busy(rank, cycle + duration)) stop(rank.active, cycle + duration);
    });
  }

  refreshAll(rank: Rank, cycle: number): void {
    const { nRFCab } = this.parameters.timings;
    for (const bank of rank.banks) this.refresh(rank, bank, cycle, nRFCab);
    rank.refreshEnd = cycle + nRFCab;
  }

  earliest(rank: Rank, cycle: number): number {
    const { nRCD, nRP } = this.parameters.timings;
    const times = rank.banks.flatMap((bank) => [
      ...(bank.activates > 0 ? [bank.active.start + nRCD] : []),
      ...(bank.precharges > 0 ? [bank.prechargedAt + nRP] : []),
      bank.refreshEnd,
    ]);
    return Math.max(cycle, ...times);
  }

  down(rank: Rank, cycle: number): void {
    stop(rank.active, cycle);
    for (const bank of rank.banks) stop(bank.active, cycle);
  }

  up(rank: Rank, cycle: number): void {
    const open = rank.banks.filter((bank) => bank.open);
    for (const bank of open) start(bank.active, cycle);
    const { standard } = this.parameters;
    const restarts = standard === "LPDDR6" || (standard === "DDR4" ? this.busy(rank, cycle) : open.length > 0);
    if (restarts) start(rank.active, cycle);
  }

  sameBanks(rank: Rank, number: number): Bank[] {
    const { banksPerGroup } = this.parameters.organization;
    return rank.banks.filter((_, index) => index % banksPerGroup === number % banksPerGroup);
  }

  command(cycle: number, name: string, rankNumber: number, bankNumber: number): void {
    this.run(cycle);
    const rank = this.ranks[rankNumber]!;
    const bank = rank.banks[bankNumber]!;
    const pair = [bank, rank.banks[(bankNumber + 8) % 16]!];
    const { nRAS, nRDAtoPRE, nWRAtoPRE, nRFCab, nRFCpb, nRFCsb, nRFCdb } = this.parameters.timings;
    const autoPrecharge = (delay: number): void => {
      const at = Math.max(bank.active.start + nRAS, cycle + delay);
      this.defer(at, () => this.pre(rank, bank, at));
    };
    const at = this.earliest(rank, cycle);
    const actions: Record<string, () => void> = {
      ACT: () => {
        bank.activates++;
        start(bank.active, cycle);
        this.startRank(rank, cycle);
        bank.open = true;
      },
      PRE: () => this.pre(rank, bank, cycle),
      PREA: () => {
        for (const one of rank.banks) this.pre(rank, one, cycle);
      },
      PRESB: () => {
        for (const one of this.sameBanks(rank, bankNumber)) this.pre(rank, one, cycle);
      },
      RD: () => undefined,
      WR: () => undefined,
      RDA: () => autoPrecharge(nRDAtoPRE),
      WRA: () => autoPrecharge(nWRAtoPRE),
      REFA: () => this.refreshAll(rank, cycle),
      REFB: () => this.refresh(rank, bank, cycle, nRFCpb!),
      REFSB: () => {
        for (const one of this.sameBanks(rank, bankNumber)) this.refresh(rank, one, cycle, nRFCsb!);
      },
      REFP2B: () => {
        for (const one of pair) this.refresh(rank, one, cycle, nRFCpb!);
      },
      REFDB: () => {
        for (const one of pair) this.refresh(rank, one, cycle, nRFCdb!);
      },
      SREFEN: () => {
        this.refreshAll(rank, cycle);
        this.defer(cycle + nRFCab, () => start(rank.sref, cycle + nRFCab));
      },
      SREFEX: () => stop(rank.sref, cycle),
      DSMEN: () => start(rank.dsm, cycle),
      DSMEX: () => stop(rank.dsm, cycle),
      PDEA: () =>
        this.defer(at, () => {
          start(rank.pdna, at);
          this.down(rank, at);
        }),
      PDXA: () =>
        this.defer(at, () => {
          stop(rank.pdna, at);
          this.up(rank, at);
        }),
      PDEP: () =>
        this.defer(at, () => {
          start(rank.pdnp, at);
          if (this.isDdr4) this.down(rank, at);
        }),
      PDXP: () =>
        this.defer(at, () => {
          stop(rank.pdnp, at);
          if (this.isDdr4) this.up(rank, at);
        }),
    };
    actions[name]!();
  }

  /** State times as the meter reports them. */
  finish(end: number) {
    this.run(end);
    const total = (one: Interval): number => one.total + (one.running ? end - one.start : 0);
    const of = (read: (rank: Rank) => Interval): number[] => this.ranks.map((rank) => total(read(rank)));
    const [active, pdna, pdnp] = [of((rank) => rank.active), of((rank) => rank.pdna), of((rank) => rank.pdnp)];
    const [sref, dsm] = [of((rank) => rank.sref), of((rank) => rank.dsm)];
    const banks = this.ranks.flatMap((rank) => rank.banks);
    return {
      activates: banks.map((bank) => bank.activates),
      precharges: banks.map((bank) => bank.precharges),
      bankActiveCycles: banks.map((bank) => total(bank.active)),
      rankTimes: {
        activeCycles: active,
        prechargedCycles: active.map((cycles, rank) => end - (cycles + pdna[rank]! + pdnp[rank]! + sref[rank]!)),
        activePowerDownCycles: pdna,
        prechargePowerDownCycles: pdnp,
        selfRefreshCycles: sref.map((cycles, rank) => cycles - dsm[rank]!),
        deepSleepCycles: dsm,
      },
    };
  }
}
