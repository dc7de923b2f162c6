/** Layout: what takes how many cells, what is cut, what goes on in the next line. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beginning, cutToWidth, displayWidth } from "../../../reports/display-width.js";
import { grouped, ratio } from "../../../reports/figures.js";
import { bar, renderColumns, renderPairs, wrapWords } from "../../../reports/text-table.js";
import { printableText } from "../../../sim/core/printable-text.js";

/** Unicode Standard Annex 11: W and F take two cells, others one. Emoji of Unicode 13 and later included. */
const WIDTHS: Readonly<Record<string, number>> = {
  a: 1,
  é: 1,
  "…": 1,
  "█": 1,
  "▏": 1,
  Ж: 1,
  ｶ: 1,
  𝐀: 1,
  漢: 2,
  か: 2,
  한: 2,
  Ａ: 2,
  "😀": 2,
  "🫠": 2,
  𠀀: 2,
};

describe("display width", () => {
  it("is two for wide characters and one for others", () => {
    for (const [character, width] of Object.entries(WIDTHS))
      expect([character, displayWidth(character)]).toEqual([character, width]);
  });

  it("cuts at whole characters", () => {
    expect(cutToWidth("漢字かな", 5)).toBe("漢字…");
    expect(cutToWidth("漢字かな", 4)).toBe("漢…");
    expect(cutToWidth("😀😀😀", 4)).toBe("😀…");
    expect(cutToWidth("abc", 3)).toBe("abc");
    expect(cutToWidth("abcd", 3)).toBe("ab…");
    expect(cutToWidth("abcd", 0)).toBe("");
    // Two characters, three code units, three cells: a width counted in code units would let it through whole.
    expect(beginning("漢𝐀", 2)).toBe("漢");
  });
});

describe("columns", () => {
  it("never exceed their widths, whatever is in them", () => {
    const texts = fc.array(fc.string({ unit: "binary", maxLength: 40 }), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 20 }), fc.boolean(), ([first, second], width, wrap) => {
        const cell = (at: number) => () => (at === 0 ? first! : second!);
        const columns = [0, 1].map((at) => ({ title: "t", width, align: "left", cell: cell(at), wrap }) as const);

        for (const line of renderColumns(columns, [0]).split("\n")) {
          if (width > 1 || !wrap) expect(displayWidth(line)).toBeLessThanOrEqual(2 * width + 1);
          expect(printableText(line)).toBe(line);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("align figures to the right and go on in the next line where asked", () => {
    const columns = [
      { title: "n", width: 4, align: "right", cell: () => "12" },
      { title: "what", width: 9, align: "left", cell: () => "one two three", wrap: true },
    ] as const;

    expect(renderColumns(columns, [0])).toBe("   n what\n---- ---------\n  12 one two\n     three");
  });
});

describe("wrapped text", () => {
  it("breaks at spaces, and inside a word only when the word is longer than a line", () => {
    expect(wrapWords("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrapWords("abcdefghij k", 4)).toEqual(["abcd", "efgh", "ij k"]);
    expect(wrapWords("漢字かな", 5)).toEqual(["漢字", "かな"]);
    expect(wrapWords("", 5)).toEqual([""]);
  });

  it("stands beside its label", () => {
    expect(
      renderPairs(
        [
          ["a", "one two"],
          ["long", "three"],
        ],
        10,
      ),
    ).toBe("a    one\n     two\nlong three");
  });
});

describe("unsafe characters", () => {
  it("are shown as escapes: control, direction, separators, invisible, combining, private, lone surrogates", () => {
    const text = "\u001b[31m\u0000\u202e\u061c\u2028\u200b\ufeff\u0301\ue000\ud800\u{e0041}";

    expect(printableText(text)).toBe(
      "\\u001b[31m\\u0000\\u202e\\u061c\\u2028\\u200b\\ufeff\\u0301\\ue000\\ud800\\u{e0041}",
    );
    expect(printableText("conv1/漢字 é")).toBe("conv1/漢字 é");
  });
});

describe("figures", () => {
  it("are grouped, or rounded where there is no room", () => {
    expect(grouped(1234567)).toBe("1 234 567");
    expect(grouped(999)).toBe("999");
    expect(grouped(0)).toBe("0");
    expect(grouped(123456789, 11)).toBe("123 456 789");
    expect(grouped(1234567890, 11)).toBe("1.23 G");
  });

  it("compare as ratios", () => {
    expect(ratio(1.4)).toBe("1.40x");
    expect(ratio(0)).toBe("0.00x");
    expect(ratio(12345)).toBe("1.2e+4x");
    expect(ratio(0.005831)).toBe("5.8e-3x");
    expect(ratio(999.7)).toBe("1.0e+3x");
    expect(ratio(undefined)).toBe("-");
  });

  it("keep ratios of any size to the seven cells of their column, and near what they were", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (value) => {
        const text = ratio(value);

        expect(text.length).toBeLessThanOrEqual(7);
        expect(Math.abs(Number(text.slice(0, -1)) / value - 1)).toBeLessThan(0.5);
      }),
    );
  });

  it("fill bars by eighths of a cell", () => {
    expect(bar(0.5, 8)).toBe("████");
    expect(bar(1 / 64, 8)).toBe("▏");
    expect(bar(0, 8)).toBe("");
    expect(bar(2, 4)).toBe("████");
  });
});
