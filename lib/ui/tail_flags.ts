import { Flags, UsageError } from "./flags.ts";
import {
  ADDRESS_HELP,
  JOINING_FLAGS,
  type JoiningConfig,
  KEYS_HELP,
  readJoining,
  RELAY_HELP,
} from "./joining_flags.ts";

/** What a call of `tail` asks for. */
export type TailConfig =
  | { readonly mode: "help" }
  | {
    readonly mode: "run";
    readonly joining: JoiningConfig;
    readonly json: boolean;
    /** Whether private texts are printed, too. */
    readonly private: boolean;
    /** How many messages from before it came to ask for; `undefined`: do not ask. */
    readonly replay: number | undefined;
    /** Ends after so many messages; `undefined`: it does not. */
    readonly count: number | undefined;
  };

/** The answer to `tail --help`. */
export const TAIL_HELP =
  `Prints what is said in the room, a line each, until it is interrupted. It says nothing itself,
and reads no input.

Usage: confab-client tail --username NAME [flags]      (or: deno task client tail ...)

  --replay N            first the last N messages that the registry remembers      [none]
  --count N             end after N messages
  --private             what is said to it in private, too
  --accept POLICY       with --private, whose chats to accept: known = those whose key you
                        know, all, none                                 [known]
  --json                events as one JSON object a line: broadcast, private, gap, error
${ADDRESS_HELP}\
${RELAY_HELP}\
  --no-classic          no private chats with those who have no key: they are not encrypted
${KEYS_HELP}\
  --help

What else there is to say (messages missed, a registry that is gone) goes to standard error.
Exit code: 0 after --count or a signal; 1 if it could not go on, also if nobody reads the
output; 2 wrong usage.
`;

const POLICIES = ["known", "all", "none"] as const;

/**
 * Reads the arguments after `tail`.
 *
 * @throws {UsageError}
 */
export function parseTailFlags(args: readonly string[]): TailConfig {
  const flags = new Flags(args, {
    values: [...JOINING_FLAGS.values, "replay", "count"],
    switches: [...JOINING_FLAGS.switches, "json", "private", "help"],
  });
  if (flags.has("help")) return { mode: "help" };
  // Nobody is there to be asked.
  const policy = flags.choice("accept", POLICIES);
  const isPrivate = flags.has("private");
  if (policy && !isPrivate) throw new UsageError("--accept needs --private");
  const joining: JoiningConfig = {
    ...readJoining(flags),
    accept: isPrivate ? policy ?? "known" : "none",
  };
  if (joining.settings.username === undefined) throw new UsageError("--username is missing");
  const [replay, count] = [flags.whole("replay", 0), flags.whole("count", 1)];
  return { mode: "run", joining, json: flags.has("json"), private: isPrivate, replay, count };
}
