import { VERBS } from "./command_line.ts";

/**
 * Whether a line is private by itself, wherever plain lines go: `/chat`, and what could be a slip of it,
 * as any command that there is not.
 */
export function isPrivateLine(line: string): boolean {
  const [, verb] = /^\s*\/(\S*)/.exec(line) ?? [];
  return verb === "chat" || verb === "msg" || (verb !== undefined && !VERBS.includes(verb));
}
