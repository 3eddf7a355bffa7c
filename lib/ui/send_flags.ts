import { checkName } from "../protocol/name.ts";
import { Flags, UsageError } from "./flags.ts";
import {
  ADDRESS_HELP,
  JOINING_FLAGS,
  type JoiningConfig,
  KEYS_HELP,
  readJoining,
  RELAY_HELP,
} from "./joining_flags.ts";

/** Whom a call of `send` is for: nobody can have this name. */
export const ROOM = "room";

/** What a call of `send` asks for. */
export type SendConfig =
  | { readonly mode: "help" }
  | {
    readonly mode: "run";
    readonly joining: JoiningConfig;
    /** A user name, or {@linkcode ROOM}. */
    readonly to: string;
    /** `undefined`: standard input has it. */
    readonly text: string | undefined;
    /** Whether each line of standard input is a message. */
    readonly lines: boolean;
    /** Seconds. */
    readonly wait: number;
  };

/** As long as an offer is open at the other side, in seconds. */
const DEFAULT_WAIT = 60;

/** The answer to `send --help`. */
export const SEND_HELP = `Says something, to all or in private, and ends: nothing is printed.

Usage: confab-client send --to room|NAME --username NAME [flags] [TEXT]
       ... | confab-client send --to room|NAME --username NAME [flags]
       (or: deno task client send ...)

Without TEXT, standard input is the message, without its last line end; over 4,096 characters
it is cut at line ends into several. A TEXT that begins with - comes after --.

  --to NAME             in private: asks for a chat, waits until it is accepted, and ends it
  --to room             to everybody: done once the registry has it
  --lines               each line of standard input is a message, as it comes
  --wait S              seconds until a chat is accepted, or what was said is acknowledged [${DEFAULT_WAIT}]
${ADDRESS_HELP}\
${RELAY_HELP}\
  --no-classic          not to those who have no key: they are spoken to in the clear
${KEYS_HELP}\
  --help

Exit code: 0 said; 1 not, or not all of it, with the reason on standard error; 2 wrong usage.
In private nobody acknowledges: 0 means that all was written, not that it was read.
`;

/** The flags that are not those of a chat: nobody is let in. */
const FLAGS = {
  values: [...JOINING_FLAGS.values.filter((name) => name !== "accept"), "to", "wait"],
  switches: [...JOINING_FLAGS.switches, "lines", "help"],
};

/**
 * Reads the arguments after `send`.
 *
 * @throws {UsageError}
 * @throws {ProtocolError} `bad-name`
 */
export function parseSendFlags(args: readonly string[]): SendConfig {
  const [given, texts] = splitArguments(args);
  const flags = new Flags(given, FLAGS);
  if (flags.has("help")) return { mode: "help" };
  const to = flags.text("to");
  if (to === undefined) throw new UsageError("--to is missing: room, or a user name");
  // That of a further session of the same key has a number behind it.
  if (to !== ROOM) checkName(to.replace(/~[1-9][0-9]*$/, ""));
  const [text, ...more] = texts;
  if (more.length > 0) throw new UsageError("one text, please: put it into quotes");
  if (text === "") throw new UsageError("an empty text cannot be sent");
  const lines = flags.has("lines");
  if (lines && text !== undefined) throw new UsageError("--lines and a text exclude each other");
  const wait = flags.whole("wait", 1) ?? DEFAULT_WAIT;
  const joining: JoiningConfig = { ...readJoining(flags), accept: "none" };
  if (joining.settings.username === undefined) throw new UsageError("--username is missing");
  return { mode: "run", joining, to, text, lines, wait };
}

/** What is a flag or the value of one, and what is text. */
function splitArguments(args: readonly string[]): [flags: string[], texts: string[]] {
  const [flags, texts]: [string[], string[]] = [[], []];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (arg === "--") return [flags, [...texts, ...args.slice(at + 1)]];
    if (!arg.startsWith("-")) {
      texts.push(arg);
      continue;
    }
    flags.push(arg);
    const value = args[at + 1];
    if (!FLAGS.values.includes(arg.slice(2)) || value === undefined) continue;
    flags.push(value);
    at++;
  }
  return [flags, texts];
}
