/**
 * Names come from files of strangers. Before they reach a terminal, everything that could move the cursor, change the
 * direction of text, hide, or draw over a neighbour is shown as an escape.
 */

const PLAIN_ASCII = /^[\x20-\x7e]*$/;
/** Control, format and direction characters, lone surrogates, private and unassigned ones, combining marks, separators. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Mn}\p{Me}\p{Zl}\p{Zp}]/gu;

/** The text on one line, unsafe characters as `\u001b` or `\u{e0001}`. */
export function printableText(text: string): string {
  if (PLAIN_ASCII.test(text)) return text;
  return text.replace(UNSAFE, (character) => {
    const hex = character.codePointAt(0)!.toString(16);
    return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, "0")}`;
  });
}
