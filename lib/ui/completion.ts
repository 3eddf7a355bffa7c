import { nameKey } from "../protocol/name.ts";
import { COMMANDS } from "./command_line.ts";

/** What may stand from `start` to the cursor, the likeliest first. */
export interface Completion {
  /** In UTF-16 units. */
  readonly start: number;
  readonly options: readonly string[];
}

/** Commands whose first word after them is somebody, or something else. */
const ARGUMENTS: Readonly<Record<string, "name" | "place" | "command">> = {
  ...Object.fromEntries(
    COMMANDS.filter(([usage]) => /^\/\w+ [<[]username/.test(usage))
      .map(([usage]) => [usage.split(" ")[0], "name" as const]),
  ),
  "/msg": "name",
  "/to": "place",
  "/help": "command",
};

/**
 * What fits the word before `cursor`: commands and their arguments; whom one speaks to at the
 * beginning of a line; names behind `@`.
 *
 * @param names who is here, who was heard or spoken to last first
 * @returns `undefined` if nothing does
 */
export function completionOf(
  text: string,
  cursor: number,
  names: readonly string[],
): Completion | undefined {
  const before = text.slice(0, cursor);
  const start = wordStart(before);
  const word = before.slice(start);
  const options = optionsFor(before.slice(0, start), word, names);
  return options.length === 0 ? undefined : { start, options };
}

/** Where the last run of what is no blank begins in `text`. */
export function wordStart(text: string): number {
  let start = text.length;
  while (start > 0 && /\S/.test(text[start - 1] ?? "")) start--;
  return start;
}

function optionsFor(earlier: string, word: string, names: readonly string[]): string[] {
  if (word.startsWith("/") && earlier.trim() === "") {
    return commands(word).map((each) => each + " ");
  }
  const [, command] = /^\s*(\/\S+) +$/.exec(earlier) ?? [];
  const takes = command !== undefined && Object.hasOwn(ARGUMENTS, command)
    ? ARGUMENTS[command]
    : undefined;
  if (takes === "command") return commands(`/${word}`).map((each) => each.slice(1));
  if (takes === "name") return fitting(word, names).map((name) => name + " ");
  if (takes === "place") return fitting(word, [...names, "room"]).map((name) => name + " ");
  if (word.startsWith("@")) return fitting(word.slice(1), names).map((name) => `@${name} `);
  if (earlier === "" && word !== "") return fitting(word, names).map((name) => `${name}: `);
  return [];
}

function commands(begun: string): string[] {
  const all = new Set(COMMANDS.map(([usage]) => usage.split(" ")[0] ?? ""));
  return [...all].filter((command) => command.startsWith(begun));
}

function fitting(begun: string, names: readonly string[]): string[] {
  const key = nameKey(begun);
  return names.filter((name) => nameKey(name).startsWith(key));
}
