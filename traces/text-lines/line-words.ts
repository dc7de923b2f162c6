/**
 * What generated lines say: words of syllables, numbers, amounts, dates and codes, in the proportions of labels and receipts
 * rather than of prose. The words mean nothing in any language, so a recogniser is helped by no vocabulary.
 */
import type { Random } from "../../sim/core/rng.js";

const ONSETS = "b c d f g h k l m n p r s t v w br ch dr fl gr pl pr sh st th tr".split(" ");
const VOWELS = "a e i o u ai ea ee io oo ou".split(" ");
const CODAS = ["", "", "", "n", "r", "s", "t", "l", "m", "ck", "nd", "nt", "st", "x"];
const DIGITS = [..."0123456789"];
const CAPITALS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const ENDINGS = ["", "", "", "", ",", ".", ":", ";", "!", "?"];

function word(random: Random): string {
  const syllables = 1 + random.below(3);
  let text = "";
  for (let at = 0; at < syllables; at++) text += random.pick(ONSETS) + random.pick(VOWELS) + random.pick(CODAS);
  const style = random.below(5);
  if (style === 0) return text.toUpperCase();
  return style <= 2 ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

function digits(random: Random, count: number): string {
  return Array.from({ length: count }, () => random.pick(DIGITS)).join("");
}

function number(random: Random): string {
  switch (random.below(5)) {
    case 0:
      return `${1 + random.below(31)}/${1 + random.below(12)}/${1990 + random.below(40)}`;
    case 1:
      return `$${1 + random.below(999)}.${digits(random, 2)}`;
    case 2:
      return `${1 + random.below(99)}%`;
    case 3:
      return `${random.pick(CAPITALS)}${random.pick(CAPITALS)}-${digits(random, 4)}`;
    default:
      return digits(random, 2 + random.below(5));
  }
}

/** Which kind of pieces a line is made of. */
export type LineText = "mixed" | "words" | "digits";

/** Pieces of a line, between which there will be spaces. */
export function* linePieces(random: Random, kind: LineText): Generator<string> {
  for (;;) {
    const isNumber = kind === "digits" || (kind === "mixed" && random.below(10) < 3);
    if (isNumber) yield kind === "digits" ? digits(random, 3 + random.below(6)) : number(random);
    else yield word(random) + (kind === "mixed" && random.below(10) < 3 ? random.pick(ENDINGS) : "");
  }
}
