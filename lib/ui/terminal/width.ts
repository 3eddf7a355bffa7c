/**
 * How many columns text takes in a terminal, by what people see as one character.
 *
 * @module
 */
import { eastAsianWidth } from "get-east-asian-width";

const EMOJI = /^\p{RGI_Emoji}$/v;
/** Printable ASCII: by far the most, and a column each. */
const PLAIN = /^[\x20-\x7e]*$/;
/** Takes no column of its own: marks, what is not seen, and jamo that go on with a syllable. */
const ZERO_WIDTH = /[\p{M}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u1160-\u11ff\ud7b0-\ud7fb]/v;

let segmenter: Intl.Segmenter | undefined;

/** `text` as what people see as its characters (UAX #29). */
export function graphemes(text: string): string[] {
  if (PLAIN.test(text)) return [...text];
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** The columns that `text` takes, which holds nothing that moves the cursor. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return graphemes(text).reduce((sum, each) => sum + graphemeWidth(each), 0);
}

/** The columns that one of {@linkcode graphemes} takes. */
export function graphemeWidth(grapheme: string): number {
  if (PLAIN.test(grapheme)) return grapheme.length;
  if (EMOJI.test(grapheme)) return 2;
  let width = 0;
  for (const point of grapheme) {
    if (!ZERO_WIDTH.test(point)) width += eastAsianWidth(point.codePointAt(0) ?? 0);
  }
  return width;
}

/** `text` with blanks up to `columns`. */
export function padToWidth(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - displayWidth(text)));
}
