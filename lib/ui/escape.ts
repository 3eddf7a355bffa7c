/**
 * Text from others is hostile to a terminal: what would move the cursor, hide, reorder or pile up
 * is shown, not done.
 *
 * @module
 */

/** Formats that have a shape of their own: the signs that go around numbers, and two like them. */
const VISIBLE_FORMATS = "[\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u{110bd}\\u{110cd}]";
/** The blanks of ordinary typography; the others are there to be taken for one of these. */
const ORDINARY_BLANKS = "[\\u0020\\u00a0\\u202f\\u3000]";

/**
 * What nobody sees: controls, formats (the bidi ones are among them), joiners, fillers, variation
 * selectors, tags, separators of lines, blanks, noncharacters; and half a surrogate pair.
 */
const HIDDEN = new RegExp(
  `[\\p{Cc}[\\p{Cf}--${VISIBLE_FORMATS}]\\p{Bidi_Control}\\p{Default_Ignorable_Code_Point}` +
    `[\\p{Z}--${ORDINARY_BLANKS}]\\u2800\\p{Noncharacter_Code_Point}\\p{Cs}]`,
  "v",
);
const EACH_HIDDEN = new RegExp(HIDDEN, "gv");

/** What is drawn onto the character before it: marks, and the jamo that go on with a syllable. */
const MARK = /[\p{M}\u1160-\u11ff\ud7b0-\ud7fb]/v;

/**
 * Marks on one character. Three are enough for Vietnamese, pointed Hebrew, the Indic scripts; a
 * pile of them covers the lines above and below.
 */
const MAX_MARKS = 3;

/** Where the hidden makes an emoji: the joiner between two parts of one. */
const EMOJI_JOINER =
  /(?<=\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d(?=\p{Extended_Pictographic})/gu;
/** And the tags in a flag; Unicode knows three such flags, so nothing else hides there. */
const TAGGED_FLAG = new RegExp("\\p{RGI_Emoji_Tag_Sequence}", "gv");

/** What comes as a text and as an emoji; U+FE0E and U+FE0F, right behind, choose. */
const HAS_TWO_FORMS = /[\p{Emoji}\p{Extended_Pictographic}]/v;

const SHORT: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * `text` for the terminal and the log, each such character as `\n`, `\u200b` or `\u{e0001}`; so
 * are marks that have no character of `text` to stand on, or are a fourth one there.
 *
 * The result may be put behind anything, and is its own. Letters that are written from right to
 * left are left alone.
 */
export function escapeForTerminal(text: string): string {
  if (!HIDDEN.test(text) && !MARK.test(text)) return text;
  const inEmoji = emojiParts(text);
  let shown = "";
  let last = "";
  /** Marks that `last` can still take; none at the beginning and on what we have written. */
  let room = 0;
  let at = 0;
  for (const point of text) {
    const isMark = MARK.test(point);
    const keep = HIDDEN.test(point)
      ? inEmoji.has(at) || mayFollow(point, last)
      : !isMark || room > 0;
    at += point.length;
    shown += keep ? point : escaped(point);
    last = keep ? point : "";
    if (!keep) room = 0;
    else if (isMark) room--;
    else if (!HIDDEN.test(point)) room = MAX_MARKS;
  }
  return shown;
}

/** `value` as one line of JSON in which the hidden is `\uXXXX`; parsed, it is the same value. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    EACH_HIDDEN,
    (point) => Array.from({ length: point.length }, (_, i) => unit(point.charCodeAt(i))).join(""),
  );
}

function escaped(point: string): string {
  const code = point.codePointAt(0) ?? 0;
  return SHORT[point] ?? (code > 0xffff ? `\\u{${code.toString(16)}}` : unit(code));
}

function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

/** Where in `text` the parts of emoji are that would be hidden elsewhere. */
function emojiParts(text: string): Set<number> {
  const parts = new Set<number>();
  for (const { index } of text.matchAll(EMOJI_JOINER)) parts.add(index);
  for (const { 0: flag, index } of text.matchAll(TAGGED_FLAG)) {
    // The flag itself is not hidden: that it is among them changes nothing.
    for (let i = 0; i < flag.length; i++) parts.add(index + i);
  }
  return parts;
}

/** Whether something hidden has a meaning behind `last`. */
function mayFollow(point: string, last: string): boolean {
  switch (point) {
    case "\ufe0e":
    case "\ufe0f":
      return HAS_TWO_FORMS.test(last);
    case "\u200c":
    case "\u200d":
      // RFC 5892 appendix A.1 and A.2. Not the second half of A.1, for Persian and its like: the
      // runtime has no joining types.
      return isVirama(last);
    default:
      return false;
  }
}

/**
 * Whether the canonical combining class of `point` is 9 (virama). The runtime tells no classes, but
 * orders marks by them: these are the ones behind 8 (U+3099) and before 10 (U+05B0).
 */
function isVirama(point: string): boolean {
  if (!/^\p{M}$/u.test(point) || point === "\u3099" || point === "\u05b0") return false;
  return `\u05b0${point}\u3099`.normalize("NFD") === `\u3099${point}\u05b0`;
}
