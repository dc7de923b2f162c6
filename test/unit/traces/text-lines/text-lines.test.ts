import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TraceError } from "../../../../sim/core/errors.js";
import { Random } from "../../../../sim/core/rng.js";
import { openDataSet } from "../../../../traces/open-data-set.js";
import { readFont } from "../../../../traces/text-lines/font-outlines.js";
import { drawLine, type LineStyle } from "../../../../traces/text-lines/line-image.js";
import { DICTIONARY, ROBOTO, ROBOTO_SLAB_BOLD } from "../../../helpers/ocr-assets.js";

const folder = mkdtempSync(join(tmpdir(), "pj-lines-"));
const PLAIN: LineStyle = { text: "mixed", width: 320, noise: 0, blur: 0, shear: 0, slope: 0 };

describe("outlines of a font", () => {
  it("have the advance and the box that the file gives", async () => {
    const font = await readFont(ROBOTO);
    const { advanceEm, polygons } = font.outline("H");
    const [xs, ys] = [0, 1].map((part) => polygons.flat().filter((_, at) => at % 2 === part)) as [number[], number[]];

    // Roboto Regular: 2048 units an em; H advances 1460, stands on the baseline and is 1456 high (its capital height).
    expect(advanceEm).toBeCloseTo(1460 / 2048, 9);
    expect([Math.max(...ys), Math.min(...ys)]).toEqual([expect.closeTo(0, 6), expect.closeTo(-1456 / 2048, 6)]);
    expect(Math.min(...xs)).toBeGreaterThan(0);
  });

  it("are known for the characters that the font has", async () => {
    const font = await readFont(ROBOTO);

    expect(["A", "ß", "一"].map(font.has)).toEqual([true, true, false]);
  });
});

describe("a font file", () => {
  /** The file with one byte of its contents changed. */
  function changed(at: number): string {
    const bytes = Buffer.from(readFileSync(ROBOTO));
    bytes[at] = bytes[at]! ^ 0x55;
    const path = join(folder, "changed.woff");
    writeFileSync(path, bytes);
    return path;
  }

  it("is refused, or read to the same outlines, wherever a byte of it is changed", async () => {
    const [size, sound] = [readFileSync(ROBOTO).length, await readFont(ROBOTO)];
    let refused = 0;
    for (let at = 0; at < size; at += 1499) {
      try {
        const font = await readFont(changed(at));
        // What is left out (layout rules, digital signatures, reserved fields) may change.
        expect(font.outline("g")).toEqual(sound.outline("g"));
      } catch (error) {
        expect(error).toBeInstanceOf(TraceError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(20);
  });

  it("is refused by the table that is damaged", async () => {
    // The directory of a WOFF file has entries of 20 bytes from byte 44: tag, offset, and so on.
    const bytes = readFileSync(ROBOTO);
    const entry = bytes.indexOf("glyf", 44, "latin1");
    const offset = bytes.readUInt32BE(entry + 4);

    await expect(readFont(changed(offset + 1000))).rejects.toThrow(/its table glyf (is damaged|cannot be unpacked)/);
  });
});

describe("a generated line", () => {
  it("has the same bytes for the same seed, and others for another", async () => {
    const fonts = [await readFont(ROBOTO)];
    const draw = (seed: string) => drawLine(new Random(seed), fonts, { ...PLAIN, noise: 8, blur: 0.2, shear: 0.2 });

    expect(draw("a")).toEqual(draw("a"));
    expect(draw("a").bytes).not.toEqual(draw("b").bytes);
  });

  it("has as much ink as its letters have", async () => {
    const fonts = [await readFont(ROBOTO)];
    for (let seed = 0; seed < 20; seed++) {
      const { text, width, bytes } = drawLine(new Random(String(seed)), fonts, PLAIN);
      const first = bytes.subarray(0, 48 * width);
      const [ground, ink] = [first[0]!, extremeFrom(first, first[0]!)];
      const inked = first.reduce((sum, level) => sum + (level - ground) / (ink - ground), 0);
      const areaEm = [...text].reduce((sum, character) => {
        return sum + (character === " " ? 0 : polygonArea(fonts[0]!.outline(character).polygons));
      }, 0);

      // The picture's ink in pixels over the outlines' area in em squared is the square of the size of the letters.
      const emPixels = Math.sqrt(inked / areaEm);
      expect(emPixels).toBeGreaterThan(26);
      expect(emPixels).toBeLessThan(41);
    }
  });

  it("changes with every disturbance that it is given", async () => {
    const fonts = [await readFont(ROBOTO)];
    const plain = drawLine(new Random("a"), fonts, PLAIN).bytes;
    for (const change of [{ noise: 8 }, { blur: 0.2 }, { shear: 0.2 }, { slope: 0.02 }, { text: "digits" as const }]) {
      expect(drawLine(new Random("a"), fonts, { ...PLAIN, ...change }).bytes).not.toEqual(plain);
    }
  });

  it("is no wider than it may be, and squeezes a word that is too long", async () => {
    const fonts = [await readFont(ROBOTO)];
    for (let seed = 0; seed < 50; seed++) {
      const { width, text } = drawLine(new Random(String(seed)), fonts, { ...PLAIN, width: 100 });
      expect(width).toBeLessThanOrEqual(100);
      expect(text.length).toBeGreaterThan(0);
    }
  });
});

function extremeFrom(values: Uint8Array, base: number): number {
  return values.reduce((far, value) => (Math.abs(value - base) > Math.abs(far - base) ? value : far), base);
}

/** Shoelace formula; contours of holes go the other way round. */
function polygonArea(polygons: readonly (readonly number[])[]): number {
  let doubled = 0;
  for (const polygon of polygons) {
    for (let at = 0; at < polygon.length; at += 2) {
      const next = (at + 2) % polygon.length;
      doubled += polygon[at]! * polygon[next + 1]! - polygon[next]! * polygon[at + 1]!;
    }
  }
  return Math.abs(doubled / 2);
}

describe("sets of generated lines", () => {
  const FONTS = `font=${ROBOTO},${ROBOTO_SLAB_BOLD},dictionary=${DICTIONARY}`;

  it("have samples in the form of PaddleOCR, zeros behind the line", async () => {
    const set = await openDataSet(`text-lines:${FONTS},count=30`, { seed: "7" });

    expect([set.size, set.shape, set.task, set.isGenerated]).toEqual([30, [3, 48, 320], "text", true]);
    expect(set.source).toMatch(/^generated lines of text, drawn from 2 fonts, seed 7$/);
    expect(set.dictionary).toHaveLength(6623);
    let padded = 0;
    for (let index = 0; index < set.size; index++) {
      const { values } = set.sample(index).values;
      const last = Array.from({ length: 3 * 48 }, (_, row) => values[row * 320 + 319]!);
      if (last.every((value) => value === 0)) padded++;
      expect(Math.max(...Array.from(values as Float32Array, Math.abs))).toBeLessThanOrEqual(1);
    }
    expect(padded).toBeGreaterThan(20);
  });

  it("say only what the dictionary and the font can say, and not the same twice", async () => {
    const set = await openDataSet(`text-lines:${FONTS},count=200`);
    const known = new Set([...set.dictionary!, " "]);
    const texts = Array.from({ length: 200 }, (_, index) => String(set.sample(index).label));

    expect(texts.flatMap((text) => [...text]).filter((character) => !known.has(character))).toEqual([]);
    expect(new Set(texts).size).toBeGreaterThan(180);
  });

  it("give any sample again, in any order, byte for byte", async () => {
    const [set, again] = [await openDataSet(`text-lines:${FONTS}`), await openDataSet(`text-lines:${FONTS}`)];

    expect([set.sample(5), set.sample(3)]).toEqual([again.sample(3), again.sample(5)].reverse());
  });

  it("take the seed from their own parameters before the run's", async () => {
    const open = async (own: string, seed: string) =>
      (await openDataSet(`text-lines:${FONTS}${own}`, { seed })).sample(0);

    expect(await open(",seed=1", "2")).toEqual(await open("", "1"));
    expect(await open("", "1")).not.toEqual(await open("", "2"));
  });

  it("show every second line of the angles turned by half a turn", async () => {
    const angles = await openDataSet(`text-angles:${FONTS}`);
    const lines = await openDataSet(`text-lines:${FONTS},width=192`);
    const [upright, turned] = [angles.sample(2), angles.sample(3)];
    const [same, straight] = [lines.sample(2).values.values, lines.sample(3).values.values];

    expect([angles.task, angles.shape, upright.label, turned.label]).toEqual(["classification", [3, 48, 192], 0, 1]);
    expect(upright.values.values).toEqual(same);
    const width = 192 - [...Array(192).keys()].reverse().findIndex((column) => straight[column] !== 0);
    for (let row = 0; row < 48; row++) {
      for (let column = 0; column < width; column++) {
        expect(turned.values.values[row * 192 + column]).toBe(straight[(47 - row) * 192 + (width - 1 - column)]);
      }
    }
  });

  const cut = join(folder, "cut.woff");
  writeFileSync(cut, readFileSync(ROBOTO).subarray(0, 5000));
  const letters = join(folder, "letters.txt");
  writeFileSync(letters, [..."abcdefghijklmnopqrstuvwxyz"].join("\n"));
  const gap = join(folder, "gap.txt");
  writeFileSync(gap, "a\n\nb\n");
  it.each([
    ["no font", "text-lines:count=3", /font/],
    ["a font that is not there", "text-lines:font=none.ttf", /none\.ttf[\s\S]*no such file/],
    ["a font cut off", `text-lines:font=${cut}`, /no such font[\s\S]*is cut off/],
    ["a file that is no font", `text-lines:font=${DICTIONARY}`, /no such font[\s\S]*woff2 is not read/],
    ["a folder as font", `text-lines:font=${folder}`, /not a plain file/],
    ["a dictionary without digits", `text-lines:font=${ROBOTO},dictionary=${letters}`, /no character A B C/],
    ["a dictionary with a gap", `text-lines:font=${ROBOTO},dictionary=${gap}`, /an empty line 2/],
    ["a dictionary that is not there", `text-lines:font=${ROBOTO},dictionary=none.txt`, /none\.txt[\s\S]*no such file/],
    ["no lines", `text-lines:font=${ROBOTO},count=0`, /count[\s\S]*from 1/],
    ["half a line", `text-lines:font=${ROBOTO},count=1.5`, /a whole number/],
    ["a blur that would sharpen", `text-lines:font=${ROBOTO},blur=0.5`, /blur[\s\S]*from 0 to 0\.33/],
  ])("refuse %s", async (_, name, message) => {
    await expect(openDataSet(name)).rejects.toThrow(message);
  });
});
