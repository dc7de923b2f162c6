import { describe, expect, it } from "vitest";
import { DramPipe, pipeTiming } from "../../../../hw-models/dram/pipe.js";
import type { DramPipeParameters } from "../../../../hw-models/dram/pipe-parameters.js";
import { emptyAccess } from "../../../../sim/engine/block-access.js";
import { planClocks } from "../../../../sim/engine/clock.js";

const PARAMETERS: DramPipeParameters = {
  kind: "pipe",
  technology: "DDR4",
  clockHz: 0.5e9,
  bytesPerClock: 16,
  latencyNs: 20,
  burstBytes: 64,
  layout: "tiled",
};

const stretch = (bytes: number) => ({ ...emptyAccess(), rowBytes: bytes });
/** Core at 1 GHz: a bus clock is 2 cycles, a burst of 64 bytes 8 cycles, the latency 20 cycles. */
const CLOCKS = planClocks([
  { name: "core", clockHz: 1e9 },
  { name: "dram", clockHz: 0.5e9 },
]);

describe("DRAM pipe", () => {
  it("serves one burst in transfer plus latency", () => {
    const pipe = new DramPipe(PARAMETERS, CLOCKS);

    const ticket = pipe.submit("ifmap", stretch(64), false, 10);

    expect(pipe.transferStart(ticket)).toBe(10);
    expect(pipe.transferEnd(ticket)).toBe(18);
    expect(pipe.completedAt(ticket)).toBe(38);
  });

  it("rounds a request up to whole bursts", () => {
    const pipe = new DramPipe(PARAMETERS, CLOCKS);

    const ticket = pipe.submit("weight", stretch(65), false, 0);

    expect(pipe.transferEnd(ticket)).toBe(16);
    expect(pipe.burstBytes("weight")).toBe(128);
  });

  it("queues requests on the bus and overlaps their latencies", () => {
    const pipe = new DramPipe(PARAMETERS, CLOCKS);

    const first = pipe.submit("weight", stretch(64), false, 0);
    const second = pipe.submit("ifmap", stretch(64), false, 0);

    expect(pipe.completedAt(first)).toBe(28);
    expect(pipe.completedAt(second)).toBe(36);
    expect(pipe.nextCompletion(0)).toBe(28);
    expect(pipe.nextCompletion(28)).toBe(36);
    expect(pipe.nextCompletion(36)).toBe(Number.POSITIVE_INFINITY);
  });

  it("starts a transfer on an edge of its own clock", () => {
    const pipe = new DramPipe(PARAMETERS, CLOCKS);

    const ticket = pipe.submit("ifmap", stretch(64), false, 3);

    expect(pipe.transferStart(ticket)).toBe(4);
  });

  it("explains a wait as bandwidth until the last byte and latency from there", () => {
    const pipe = new DramPipe(PARAMETERS, CLOCKS);
    const ticket = pipe.submit("ifmap", stretch(64), false, 0);
    const reasons = { bandwidth: 0, rowConflict: 0, refresh: 0, latency: 0 };

    pipe.explainWait(ticket, 2, 28, reasons);

    expect(reasons).toEqual({ bandwidth: 6, rowConflict: 0, refresh: 0, latency: 20 });
  });

  it("has closed forms that an idle bus meets exactly", () => {
    const pipe = new DramPipe(PARAMETERS, CLOCKS);
    const timing = pipeTiming(PARAMETERS, CLOCKS);

    const ticket = pipe.submit("ifmap", stretch(640), false, 100);

    expect(pipe.completedAt(ticket) - 100).toBe(timing.firstUseCycles(640));
    expect(timing.busyCycles(640)).toBe(80);
  });

  it("is as new after a reset", () => {
    const pipe = new DramPipe(PARAMETERS, CLOCKS);
    pipe.submit("ifmap", stretch(4096), false, 0);

    pipe.reset();

    const ticket = pipe.submit("ifmap", stretch(64), false, 0);
    expect(ticket).toBe(0);
    expect(pipe.completedAt(ticket)).toBe(28);
    expect(pipe.burstBytes("ifmap")).toBe(64);
  });
});
