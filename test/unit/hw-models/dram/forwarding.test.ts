/** What a channel's queues serve without the device: forwarded and merged requests, by whom and when they end. */
import { describe, expect, it } from "vitest";
import { ChannelController } from "../../../../hw-models/dram/channel-controller.js";
import { DEFAULT_CONTROLLER } from "../../../../hw-models/dram/controller-parameters.js";
import { DRAM_DEVICES } from "../../../../hw-models/dram/index.js";

const DDR4 = DRAM_DEVICES.DDR4_8Gb_x8_2400!;

/** Offers requests of one address, as letters: R or W. @returns their ends as `tag cycle moved` */
function ends(
  kinds: string,
  cycles: readonly number[],
): { readonly lines: string[]; readonly reads: number; readonly writes: number } {
  const lines: string[] = [];
  const channel = new ChannelController(DDR4, DEFAULT_CONTROLLER, {
    completions: { completed: (tag, cycle, moved) => lines.push(`${tag} ${cycle} ${moved}`) },
  });
  for (const [tag, kind] of [...kinds].entries()) {
    channel.runThrough(cycles[tag]!);
    expect(channel.offer(0, 0, 0, kind === "W", 0, cycles[tag]! + 1, tag)).toBe(true);
  }
  channel.runThrough(200);
  channel.settle(201);
  return { lines, reads: channel.statistics.readCommands, writes: channel.statistics.writeCommands };
}

describe("a channel", () => {
  it("gives a read the data of a waiting write in the next cycle; the write goes on alone", () => {
    // ACT 2, WR 19, WL 12, burst 4. The read is accepted in 4, counts from 5, ends in 6.
    expect(ends("WR", [0, 4])).toEqual({ lines: ["1 6 false", "0 35 true"], reads: 0, writes: 1 });
  });

  it("completes reads of one address together: the data move once", () => {
    // ACT 2, RD 19, RL 17, burst 4.
    expect(ends("RRR", [0, 4, 18])).toEqual({
      lines: ["0 40 true", "2 40 false", "1 40 false"],
      reads: 1,
      writes: 0,
    });
  });

  it("reads again what has left its queue", () => {
    // The first read issues in 19; the second is accepted then: moved in 20, CCD_L after 19 is 25.
    expect(ends("RR", [0, 19])).toEqual({ lines: ["0 40 true", "1 46 true"], reads: 2, writes: 0 });
  });

  it("lets a later write replace the data of one that waits", () => {
    expect(ends("WW", [0, 4])).toEqual({ lines: ["1 6 false", "0 35 true"], reads: 0, writes: 1 });
  });
});
