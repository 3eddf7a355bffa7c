import { escapeForTerminal } from "./escape.ts";

/**
 * A template in which what is put in is escaped by itself, so that a mark at its beginning does not
 * get onto what is ours.
 */
export function safe(
  ours: TemplateStringsArray,
  ...theirs: readonly (string | number)[]
): string {
  return String.raw({ raw: ours }, ...theirs.map((each) => escapeForTerminal(String(each))));
}
