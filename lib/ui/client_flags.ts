import { Flags } from "./flags.ts";
import {
  ADDRESS_HELP,
  JOINING_FLAGS,
  type JoiningConfig,
  KEYS_HELP,
  readJoining,
} from "./joining_flags.ts";

/** What a call of the client asks for. */
export type ClientConfig =
  | { readonly mode: "help" }
  | { readonly mode: "version" }
  | { readonly mode: "run"; readonly joining: JoiningConfig; readonly json: boolean };

/** The answer to `--help`. */
export const CLIENT_HELP = `Joins a registry, to talk to everybody there and to each one in private.

Usage: confab-client [flags]      (or: deno task client [flags])

What is left out of the first five is asked for, in a terminal.
${ADDRESS_HELP}\
  --accept POLICY       who may open a private chat unasked: ask = nobody, known = those
                        whose key you know (from a chat, /trust or /verified), all,
                        none = and do not even ask                      [ask]
  --no-classic          no private chats with those who have no key: they are not encrypted
${KEYS_HELP}\
  --json                events as one JSON object a line; commands may be JSON, too
  --help, --version

Commands, once you are in: /help lists them.
Your key on another machine: confab-client key --help
Bytes from program to program: confab-client pipe --help
`;

/**
 * Reads the client's arguments.
 *
 * @throws {UsageError}
 */
export function parseClientFlags(args: readonly string[]): ClientConfig {
  const flags = new Flags(args, {
    values: JOINING_FLAGS.values,
    switches: [...JOINING_FLAGS.switches, "json", "help", "version"],
  });
  if (flags.has("help")) return { mode: "help" };
  if (flags.has("version")) return { mode: "version" };
  return { mode: "run", joining: readJoining(flags), json: flags.has("json") };
}
