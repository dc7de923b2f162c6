/** Energies of bricks, bits and sums of trees, by hand at 45 nm and 0.9 V, where Horowitz's and Bit Fusion's figures stand as they are. */
import { describe, expect, it } from "vitest";
import { ALADDIN_40NM } from "../../../../hw-models/energy/aladdin-40nm.js";
import {
  bitProductOpinions,
  brickOpinions,
  shiftAddOpinions,
  treeSumOpinions,
} from "../../../../hw-models/energy/datapath-energies.js";
import { energyScale, processOf } from "../../../../hw-models/energy/technology-scaling.js";

const AT_45NM = { nodeNm: 45, supplyVolts: 0.9 };
/** Of the shifter's figure, 0.417 pJ for 32 bits and five stages. */
const FROM_40NM = energyScale(processOf(ALADDIN_40NM.shifterShift32), AT_45NM);

const valuesOf = (opinions: readonly { readonly energyPj: number }[]) => opinions.map(({ energyPj }) => energyPj);

describe("energies of narrow datapaths", () => {
  it("charge a brick a multiplication of 3 bits, and its share of adders and multiplexers or of a whole unit", () => {
    const [unit, horowitz] = valuesOf(brickOpinions(AT_45NM));

    // 0.2 * (3/8)^(log(3.1/0.2) / log(4)), 12 adders of 0.03 and 3 of 0.05 for 16 bricks, 9 bits of 0.417 / 160.
    const multiplication = 0.2 * (3 / 8) ** (Math.log(15.5) / Math.log(4));
    const adders = (12 * 0.03 + 3 * 0.05) / 16;
    const shifts = (9 * 0.417 * FROM_40NM) / 160;
    expect(multiplication).toBeCloseTo(0.0288, 4);
    expect(horowitz).toBeCloseTo(multiplication + adders + shifts, 6);
    // 279,960 nW at 500 MHz for 16 bricks.
    expect(unit).toBeCloseTo(279960e-9 / 500e6 / 1e-12 / 16, 6);
  });

  it("charge a bit the part of a multiplier, and a product of 8 of them a whole one", () => {
    const [horowitz, , addition] = valuesOf(bitProductOpinions(8, 8, AT_45NM));

    expect(8 * horowitz!).toBeCloseTo(0.2, 9);
    expect(addition).toBeCloseTo(0.03, 9);
  });

  it("charge the sum of a tree an addition", () => {
    expect(valuesOf(treeSumOpinions(32, AT_45NM))[0]).toBeCloseTo(0.1, 9);
  });

  it("charge a power of two a shift and an addition, never the shift alone", () => {
    const [horowitz] = valuesOf(shiftAddOpinions(15, 32, AT_45NM));

    expect(horowitz).toBeCloseTo((0.417 * FROM_40NM * 15) / 32 + 0.1, 6);
  });
});
