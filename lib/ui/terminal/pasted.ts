import { MAX_TEXT_CODE_POINTS } from "../../protocol/limits.ts";
import { codePoints } from "../../protocol/utf8.ts";
import { graphemes } from "./width.ts";
import type { Key } from "./keys.ts";

/** `text` of a paste with lines that end with LF. */
export function withLineFeeds(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/** What a message is made of `text`: no line end at its end. */
export function withoutLastEnd(text: string): string {
  return text.replace(/\n+$/, "");
}

/** Whether a paste waits for Enter: of several lines, or so long that to draw it at each key would take seconds. */
export function isToBeHeld(message: string): boolean {
  return message.includes("\n") || message.length > MAX_TEXT_CODE_POINTS;
}

/** What is shown of a paste of several lines, while it waits. */
export function pasteNote(held: string): string {
  const text = withoutLastEnd(held);
  const [count, characters] = [text.split("\n").length, codePoints(text)];
  const lines = count === 1 ? "1 line" : `${count} lines`;
  return `[pasted ${lines}, ${characters} characters: Enter sends, Esc drops]`;
}

/**
 * The paste that `keys`, which came at once, are taken for: text with two line ends in it or more, from a
 * terminal that does not mark what is pasted.
 *
 * @param isHeld whether a paste waits, which a longer text goes on with
 */
export function burstOf(keys: readonly Key[], isHeld: boolean): string | undefined {
  let text = "";
  let ends = 0;
  for (const key of keys) {
    if (key.kind === "text") text += key.text;
    else if (key.kind === "key" && key.name === "enter") [text, ends] = [text + "\n", ends + 1];
    else if (key.kind === "key" && key.name === "tab") text += "\t";
    else return undefined;
  }
  const isLong = isHeld && graphemes(text).length > 1;
  return ends >= 2 || isLong ? text : undefined;
}
