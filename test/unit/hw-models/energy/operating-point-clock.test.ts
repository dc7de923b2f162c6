import { describe, expect, it } from "vitest";
import { operatingPointNote } from "../../../../hw-models/energy/operating-point-clock.js";
import { testDesign } from "../../../helpers/test-design.js";

/** 1 GHz at 0.9 V, 45 nm; at 0.8 V the delay grows from 12.6036 to 16.9608, so 743.1 MHz are left. */
const DESIGN = testDesign();

describe("clock of an operating point", () => {
  it("is passed up to the clock that gate delay allows", () => {
    expect(operatingPointNote(DESIGN, { name: "low", clockHz: 743e6, supplyVolts: 0.8 })).toBeUndefined();
    expect(operatingPointNote(DESIGN, { name: "same", clockHz: 1e9, supplyVolts: 0.9 })).toBeUndefined();
  });

  it("is noted above it, with the clock that the supply allows", () => {
    const note = operatingPointNote(DESIGN, { name: "low", clockHz: 744e6, supplyVolts: 0.8 });

    expect(note).toMatch(/'low': 744 MHz at 0\.8 V is faster than the 743\.1 MHz/);
  });

  it("is noted as unchecked where the delay fit turns before the supply", () => {
    const note = operatingPointNote(DESIGN, { name: "high", clockHz: 1.1e9, supplyVolts: 1 });

    expect(note).toMatch(/'high': .*45 nm does not reach from 0\.9 V to 1 V.*not checked/);
  });
});
