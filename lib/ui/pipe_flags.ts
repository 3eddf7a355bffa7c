import { checkName } from "../protocol/name.ts";
import { Flags, UsageError } from "./flags.ts";
import {
  ADDRESS_HELP,
  JOINING_FLAGS,
  type JoiningConfig,
  KEYS_HELP,
  readJoining,
} from "./joining_flags.ts";

/** What a call of `pipe` asks for. */
export type PipeConfig =
  | { readonly mode: "help" }
  | {
    readonly mode: "send" | "receive";
    readonly peer: string;
    readonly joining: JoiningConfig;
    readonly waitMs: number;
    readonly quiet: boolean;
    /** Even from or to a terminal. */
    readonly force: boolean;
  };

/** The answer to `pipe --help`. */
export const PIPE_HELP =
  `Bytes from a program here to a program there: encrypted, whole or not at all.

Usage: COMMAND | confab-client pipe NAME --username YOU [flags]
       confab-client pipe --from NAME --username YOU [flags] | COMMAND
       (or: deno task client pipe ...)

    ann$ tar c . | confab-client pipe bob --username ann
    bob$ confab-client pipe --from ann --username bob | tar x

Who takes says of whom: nobody else's bytes get in, and one pipe's only. Whoever is in a
chat under your name stays there. Exit code 0: all has arrived, and both sides have the
same SHA-256. 1: not so, and standard error says how much did. Use set -o pipefail.

  --from NAME           take what NAME sends, and write it to standard output
  --wait SECONDS        for the other side's program; 0 = as long as it takes   [60]
  --quiet               nothing on standard error but what went wrong
  --force               even if the bytes come from, or go to, a terminal
${ADDRESS_HELP}${KEYS_HELP}\
  --help

To send, --passphrase cannot be had: standard input is the bytes. It takes a direct way
between the two. Exit code 2: wrong usage.
`;

/** Those that have no meaning where nobody talks. */
const OF_CHATS = ["accept", "no-classic", "relay"];

/**
 * Reads the arguments after `pipe`.
 *
 * @throws {UsageError}
 * @throws {ProtocolError} `bad-name`
 */
export function parsePipeFlags(args: readonly string[]): PipeConfig {
  const [first = ""] = args;
  const to = first.startsWith("--") || first === "" ? undefined : first;
  const flags = new Flags(to === undefined ? args : args.slice(1), {
    values: [...JOINING_FLAGS.values.filter((name) => !OF_CHATS.includes(name)), "from", "wait"],
    switches: [
      ...JOINING_FLAGS.switches.filter((name) => !OF_CHATS.includes(name)),
      ...["quiet", "force", "help"],
    ],
  });
  if (flags.has("help")) return { mode: "help" };
  const from = flags.text("from");
  if ((to === undefined) === (from === undefined)) {
    throw new UsageError(
      "pipe takes either the name to send to, or --from and the name to take of",
    );
  }
  if (to !== undefined && flags.has("passphrase")) {
    throw new UsageError("--passphrase would take it from standard input, which is what is sent");
  }
  const peer = to ?? from ?? "";
  checkName(peer);
  const wait = flags.whole("wait", 0) ?? 60;
  return {
    mode: to === undefined ? "receive" : "send",
    peer,
    joining: readJoining(flags),
    waitMs: wait === 0 ? Infinity : wait * 1_000,
    quiet: flags.has("quiet"),
    force: flags.has("force"),
  };
}
