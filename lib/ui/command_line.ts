/**
 * One line of input -> one command, the same in every face.
 *
 * @module
 */
import type { ClientCommand } from "../peer/commands.ts";
import { nearest } from "./nearest.ts";

/** What a line asks for: something of the client, or of the face that it was typed at. */
export type LineCommand = ClientCommand | FaceCommand;

/** What the client is not concerned with; `say` is a line without a slash. */
export type FaceCommand =
  | { readonly command: "say" | "me"; readonly text: string }
  | { readonly command: "to" | "unignore"; readonly to: string }
  | { readonly command: "ignore"; readonly to?: string }
  | { readonly command: "help"; readonly topic?: string };

/** A line is no command; the message says what to do. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** Every command with its arguments and what it does, in the order of `/help`. */
export const COMMANDS: readonly (readonly [usage: string, what: string])[] = [
  ["/broadcast <message>", "to everybody; so are lines without /, but for /to"],
  ["/start <username>", "ask for a private chat"],
  ["/chat <username> <message>", "in private, opening the chat first (also /msg)"],
  ["/to <username>", "lines without / go to them in private; or /to room"],
  ["/me <action>", "/me waves: others see * and your name, waving"],
  ["/close <username>", "end a private chat, or asking for one"],
  ["/accept <username>", "accept a private chat"],
  ["/reject <username>", "reject a private chat"],
  ["/verify <username>", "two lines of digits, to compare with what they see"],
  ["/verified <username>", "you have compared them, and they are the same"],
  ["/trust <username>", "take their changed key for the right one"],
  ["/forget <username>", "forget the key that they are known by"],
  ["/block <username>", "hear nothing more of that name, nor of its key"],
  ["/unblock <username>", "hear of them again"],
  ["/why <username>", "what was tried to reach them, and what to do"],
  ["/wire", "show all that travels, or not (also /wire on, off)"],
  ["/ignore [username]", "do not show them, here and in this run; or list"],
  ["/unignore <username>", "show it again"],
  ["/peers", "who is here"],
  ["/whoami", "your name and the fingerprint of your key"],
  ["/help [command]", "this list, or more on one command"],
  ["/quit", "leave"],
];

/** What a command is called, without its slash. */
export const VERBS: readonly string[] = [
  ...COMMANDS.map(([usage]) => usage.slice(1).split(" ")[0] ?? ""),
  "msg",
];

/**
 * The command in one line; `undefined` for an empty one.
 *
 * @param json whether a line that starts with `{` is a JSON command
 * @throws {CommandError} if it is none
 */
export function parseLine(line: string, { json }: { json: boolean }): LineCommand | undefined {
  if (line.trim() === "") return undefined;
  if (json && line.trimStart().startsWith("{")) return parseJson(line);
  // A command after a blank is one, too: said to everybody, it could give a private text away.
  const command = line.trimStart();
  if (!command.startsWith("/")) return { command: "say", text: line };
  const [verb = "", rest] = splitOnce(command.slice(1));
  switch (verb) {
    case "broadcast":
      if (rest === "") throw usage(verb);
      return { command: "broadcast", text: rest };
    case "chat":
    case "msg": {
      const [to, text] = splitOnce(rest);
      if (to === "" || text === "") throw usage("chat");
      return { command: "chat", to, text };
    }
    case "start":
    case "accept":
    case "reject":
    case "close":
    case "why":
    case "verify":
    case "verified":
    case "trust":
    case "forget":
    case "block":
    case "unblock":
    case "to":
    case "unignore": {
      const to = rest.trim();
      if (to === "" || /\s/.test(to)) throw usage(verb);
      return { command: verb, to };
    }
    case "wire": {
      const wanted = rest.trim();
      if (wanted === "") return { command: verb };
      if (wanted !== "on" && wanted !== "off") throw usage(verb);
      return { command: verb, on: wanted === "on" };
    }
    case "me":
      if (rest.trim() === "") throw usage(verb);
      return { command: verb, text: rest };
    case "ignore": {
      const to = rest.trim();
      if (/\s/.test(to)) throw usage(verb);
      return to === "" ? { command: verb } : { command: verb, to };
    }
    case "help": {
      const topic = rest.trim();
      return topic === "" ? { command: verb } : { command: verb, topic };
    }
    case "peers":
    case "whoami":
    case "quit":
      if (rest.trim() !== "") throw usage(verb);
      return { command: verb };
    default:
      throw unknown(verb);
  }
}

function parseJson(line: string): ClientCommand {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new CommandError("not JSON", { cause });
  }
  const { command, to, text, on } = value;
  const needsTo = (): string => {
    if (typeof to !== "string" || to === "") throw new CommandError(`${command} needs "to"`);
    return to;
  };
  const needsText = (): string => {
    if (typeof text !== "string" || text === "") throw new CommandError(`${command} needs "text"`);
    return text;
  };
  switch (command) {
    case "broadcast":
      return { command, text: needsText() };
    case "chat":
      return { command, to: needsTo(), text: needsText() };
    case "start":
    case "accept":
    case "reject":
    case "close":
    case "why":
    case "verify":
    case "verified":
    case "trust":
    case "forget":
    case "block":
    case "unblock":
      return { command, to: needsTo() };
    case "wire":
      if (on === undefined) return { command };
      if (typeof on !== "boolean") throw new CommandError(`wire takes "on": true or false`);
      return { command, on };
    case "peers":
    case "whoami":
    case "quit":
      return { command };
    default:
      throw new CommandError("unknown command");
  }
}

/** The first word, and all that follows the one space after it. */
function splitOnce(text: string): [string, string] {
  const space = text.indexOf(" ");
  return space < 0 ? [text, ""] : [text.slice(0, space), text.slice(space + 1)];
}

function unknown(verb: string): CommandError {
  const near = nearest(verb, VERBS);
  const advice = near === undefined ? "/help lists all" : `did you mean /${near}?`;
  return new CommandError(`unknown command /${verb}, nothing was sent: ${advice}`);
}

function usage(verb: string): CommandError {
  const found = COMMANDS.find(([form]) => form.split(" ")[0] === `/${verb}`);
  return new CommandError(`usage: ${found?.[0] ?? `/${verb}`}`);
}
