import { MAX_TEXT_CODE_POINTS } from "../protocol/limits.ts";

/**
 * `text` as texts that can each be one message: whole where it fits, else cut at line ends, and where one line does not
 * fit, between code points. The line ends at which it is cut are gone; nothing else is.
 *
 * @param most code points of one message
 */
export function splitIntoMessages(text: string, most = MAX_TEXT_CODE_POINTS): string[] {
  const messages: string[] = [];
  let gathered: string | undefined;
  let size = 0;
  for (const line of text.split("\n")) {
    for (const part of cut(line, most)) {
      const length = Array.from(part).length;
      if (gathered !== undefined && part === line && size + 1 + length <= most) {
        gathered = `${gathered}\n${part}`;
        size += 1 + length;
        continue;
      }
      if (gathered !== undefined) messages.push(gathered);
      gathered = part;
      size = length;
    }
  }
  if (gathered !== undefined) messages.push(gathered);
  return messages.filter((message) => message !== "");
}

/** `line` in pieces of at most so many code points; an empty one is one piece. */
function cut(line: string, most: number): string[] {
  if (line.length <= most) return [line];
  const points = Array.from(line);
  const count = Math.ceil(points.length / most);
  return Array.from(
    { length: count },
    (_, i) => points.slice(i * most, (i + 1) * most).join(""),
  );
}
