import { baseName, nameKey } from "../protocol/name.ts";

/** UTF-16 units of a text that are looked through for a name. */
const MAX_SEARCHED = 16_384;

/** Where `name` stands in `text` as a word of its own, whatever its case. */
export function wordsOf(text: string, name: string): { start: number; end: number }[] {
  const wanted = baseName(name);
  if (wanted === "" || text.length > MAX_SEARCHED) return [];
  const found: { start: number; end: number }[] = [];
  // With the flag u, to escape what needs none, such as `-`, is an error.
  const escaped = wanted.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const word = "[\\p{L}\\p{M}\\p{N}_]";
  for (
    const { index, 0: match } of text.matchAll(
      new RegExp(`(?<!${word})${escaped}(?!${word})`, "giu"),
    )
  ) {
    if (nameKey(match) === nameKey(wanted)) found.push({ start: index, end: index + match.length });
  }
  return found;
}

/** Whether `text` names `name`. */
export function mentions(text: string, name: string): boolean {
  return wordsOf(text, name).length > 0;
}
