/**
 * Text from others is hostile to a terminal: what would move the cursor, hide or reorder is shown, not
 * done.
 *
 * @module
 */

/** C0, DEL, C1, soft hyphen, bidi controls, zero-width and other invisible characters, surrogates. */
const HIDDEN =
  // deno-lint-ignore no-control-regex -- they are what it is about.
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}\p{Cs}]/gu;

/** A zero width joiner between two parts of an emoji, where it is what makes it one. */
const EMOJI_JOINER =
  /(?<=\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d(?=\p{Extended_Pictographic})/gu;

const SHORT: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** `text` for the terminal and the log: each such character as `\n`, `\u200b` or `\u{e0001}`. */
export function escapeForTerminal(text: string): string {
  const joiners = new Set(Array.from(text.matchAll(EMOJI_JOINER), (match) => match.index));
  return text.replace(HIDDEN, (point, at: number) => {
    if (joiners.has(at)) return point;
    const code = point.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    return SHORT[point] ?? (code > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, "0")}`);
  });
}

/** `value` as one line of JSON in which such characters are `\uXXXX`; parsed, it is the same value. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    HIDDEN,
    (point) =>
      Array.from(
        { length: point.length },
        (_, i) => `\\u${point.charCodeAt(i).toString(16).padStart(4, "0")}`,
      ).join(""),
  );
}
