/**
 * A team of PEs: a row of blocks of output channels for each link of the chain. All of them work on one output position after the
 * other; a window's activations go to all blocks of a link, and its sums pass down the chain once every PE has them.
 */
import type { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import { ProcessingElement } from "./processing-element.js";

/** What a team takes of a window: an activation list for each link. */
export interface TeamWindow {
  readonly activations: readonly (readonly { readonly place: number; readonly value: number }[])[];
  /** Takes the sums of the channels of one block, those of each link in the order of the chain. */
  readonly leave: (block: number, sumsOfLinks: readonly Int32Array[]) => void;
}

export class Team {
  /** [links][blocks] */
  readonly pes: readonly (readonly ProcessingElement[])[];

  constructor(
    links: number,
    blocks: number,
    { macsPerPe, outputChannels }: { readonly macsPerPe: number; readonly outputChannels: number },
    arithmetic: AccumulatorArithmetic,
  ) {
    this.pes = Array.from({ length: links }, () =>
      Array.from({ length: blocks }, () => new ProcessingElement(macsPerPe, outputChannels, arithmetic)),
    );
  }

  /** Works through windows. @returns the cycles */
  run(windows: readonly TeamWindow[]): number {
    const all = this.pes.flat();
    let cycles = 0;
    let offered = 0;
    let left = 0;
    while (left < windows.length) {
      const isFree = all.every((pe) => pe.wantsWindow);
      while (left < offered && (left < offered - 1 || isFree) && !all.some((pe) => pe.worksOn(left))) {
        this.#leave(left, windows[left]!);
        left++;
      }
      if (isFree && offered < windows.length && offered - left < 2) {
        this.#offer(offered, windows[offered]!);
        offered++;
      }
      for (const pe of all) pe.tick();
      cycles++;
    }
    return cycles;
  }

  #offer(window: number, { activations }: TeamWindow): void {
    for (const [link, pes] of this.pes.entries()) for (const pe of pes) pe.offer(window, activations[link]!);
  }

  #leave(window: number, { leave }: TeamWindow): void {
    for (let block = 0; block < this.pes[0]!.length; block++) {
      leave(
        block,
        this.pes.map((pes) => pes[block]!.takePsums(window)),
      );
    }
  }
}
