import { describe, expect, it } from "vitest";
import { runRecurrent } from "../../../../algorithms/kernels/recurrent.js";
import { gruCell, lstmCell, rnnCell } from "../../../../algorithms/kernels/recurrent-cells.js";
import { numbers, zeros } from "../../../helpers/kernel-tensors.js";

const same = (x: number): number => x;
const extents = { steps: 2, batch: 1, inputs: 1, hidden: 1, directions: 1, gates: 1 };
const none = { bias: undefined, lengths: undefined, initialHidden: undefined, initialCell: undefined };

describe("recurrent layers", () => {
  it("carry the state from step to step, in either direction, as long as the sequence is", () => {
    // h = 10 h + x + 0.5.
    const operands = {
      ...none,
      data: numbers([2, 1, 1], "fp32", [1, 2]),
      weight: numbers([1, 1, 1], "fp32", [1]),
      recurrence: numbers([1, 1, 1], "fp32", [10]),
      bias: numbers([1, 2], "fp32", [0.25, 0.25]),
    };
    const run = (lengths: number[] | undefined, reversed: boolean) => {
      const [all, lastHidden] = [zeros([2, 1, 1, 1], "fp32"), zeros([1, 1, 1], "fp32")];
      const outputs = { all, lastHidden, lastCell: undefined };
      runRecurrent(outputs, { ...operands, lengths }, extents, [rnnCell(1, same, same)], () => reversed);
      return [...all.values, ...lastHidden.values];
    };

    expect(run(undefined, false)).toEqual([1.5, 17.5, 17.5]);
    expect(run(undefined, true)).toEqual([26.5, 2.5, 26.5]);
    expect(run([1], false)).toEqual([1.5, 0, 1.5]);
    expect(run([1], true)).toEqual([1.5, 0, 1.5]);
  });

  it("of LSTM cells mix the gates i, o, f and c, with peepholes", () => {
    const [all, lastCell] = [zeros([1, 1, 1, 1], "fp64"), zeros([1, 1, 1], "fp64")];
    const cell = lstmCell({
      hidden: 1,
      activations: [same, same, same],
      clip: same,
      peepholes: [1, 10, 100],
      peepholesAt: 0,
      couplesForget: false,
    });
    runRecurrent(
      { all, lastHidden: undefined, lastCell },
      {
        ...none,
        data: numbers([1, 1, 1], "fp64", [1]),
        weight: numbers([1, 4, 1], "fp64", [2, 3, 4, 5]),
        recurrence: numbers([1, 4, 1], "fp64", [0, 0, 0, 1]),
        initialHidden: numbers([1, 1, 1], "fp64", [7]),
        initialCell: numbers([1, 1, 1], "fp64", [1]),
      },
      { ...extents, steps: 1, gates: 4 },
      [cell],
      () => false,
    );

    // i = 2 + 1*1, f = 4 + 100*1, c~ = 5 + 7; c = 104*1 + 3*12 = 140; o = 3 + 10*140; h = 1403 * 140.
    expect(lastCell.values[0]).toBe(140);
    expect(all.values[0]).toBe(1403 * 140);
  });

  it("of GRU cells reset before the product, or after it", () => {
    const run = (linearBeforeReset: boolean) => {
      const lastHidden = zeros([1, 1, 1], "fp64");
      const cell = gruCell({ hidden: 1, activations: [same, same], clip: same, linearBeforeReset });
      runRecurrent(
        { all: undefined, lastHidden, lastCell: undefined },
        {
          ...none,
          data: numbers([1, 1, 1], "fp64", [1]),
          weight: numbers([1, 3, 1], "fp64", [0.5, 2, 3]),
          recurrence: numbers([1, 3, 1], "fp64", [0, 0, 5]),
          bias: numbers([1, 6], "fp64", [0, 0, 0, 0, 0, 1]),
          initialHidden: numbers([1, 1, 1], "fp64", [4]),
        },
        { ...extents, steps: 1, gates: 3 },
        [cell],
        () => false,
      );
      return lastHidden.values[0];
    };

    // z = 0.5, r = 2. Before: n = 3 + 5*(2*4) + 1 = 44; after: n = 3 + 2*(5*4 + 1) = 45. h = 0.5 n + 0.5 * 4.
    expect(run(false)).toBe(24);
    expect(run(true)).toBe(24.5);
  });
});
