import { BELL_POLICIES, type BellPolicy } from "./bell.ts";
import { Flags, UsageError } from "./flags.ts";
import {
  ADDRESS_HELP,
  JOINING_FLAGS,
  type JoiningConfig,
  KEYS_HELP,
  readJoining,
  RELAY_HELP,
} from "./joining_flags.ts";

/** What a call of the client asks for. */
export type ClientConfig =
  | { readonly mode: "help" }
  | { readonly mode: "version" }
  | {
    readonly mode: "run";
    readonly joining: JoiningConfig;
    readonly face: FaceConfig;
    /** How many messages from before one came to ask for; `undefined`: do not ask. */
    readonly replay: number | undefined;
  };

/** Messages from before one came that are asked for, for people: a screen or two. */
const DEFAULT_REPLAY = 50;
/** How the client is to look, and what to keep of what is typed. */
export interface FaceConfig {
  readonly json: boolean;
  readonly plain: boolean;
  readonly colour: boolean;
  readonly time: boolean;
  readonly bell: BellPolicy;
  readonly keepPrivateHistory: boolean;
}

/** The answer to `--help`. */
export const CLIENT_HELP = `Joins a registry, to talk to everybody there and to each one in private.

Usage: confab-client [flags]      (or: deno task client [flags])

What is left out of the first five is asked for, in a terminal.
${ADDRESS_HELP}\
  --accept POLICY       who may open a private chat unasked: ask = nobody, known = those
                        whose key you know (from a chat, /trust or /verified), all,
                        none = and do not even ask                      [ask]
${RELAY_HELP}\
  --no-classic          no private chats with those who have no key: they are not encrypted
${KEYS_HELP}\
  --replay N            the last messages from before you came to ask for; 0 = only how
                        many the registry keeps     [${DEFAULT_REPLAY}; with --json nothing is asked]
  --plain               whole lines, without colours and without moving the cursor: for
                        readers of the screen, and for terminals that can do no more
  --no-color            no colours
  --no-time             no time before what others say
  --bell WHAT           rings for: off, private = private texts and invites, mention = those
                        and texts with your name in them, all           [off]
  --keep-private-history
                        keep private lines, too, among those that the up arrow brings back
                        the next time
  --json                events as one JSON object a line; commands may be JSON, too
  --help, --version

Commands, once you are in: /help lists them.
Your key on another machine: confab-client key --help
One message, then the end: confab-client send --help
What is said, line by line: confab-client tail --help
Bytes from program to program: confab-client pipe --help
What works from here, and why not: confab-client doctor
`;

/**
 * Reads the client's arguments.
 *
 * @throws {UsageError}
 */
export function parseClientFlags(args: readonly string[]): ClientConfig {
  const flags = new Flags(args, {
    values: [...JOINING_FLAGS.values, "bell", "replay"],
    switches: [...JOINING_FLAGS.switches, ...FACE_SWITCHES, "help", "version"],
  });
  if (flags.has("help")) return { mode: "help" };
  if (flags.has("version")) return { mode: "version" };
  const face = readFace(flags);
  const replay = flags.whole("replay", 0) ?? (face.json ? undefined : DEFAULT_REPLAY);
  return { mode: "run", joining: readJoining(flags), face, replay };
}

const FACE_SWITCHES = ["json", "plain", "no-color", "no-time", "keep-private-history"] as const;

function readFace(flags: Flags): FaceConfig {
  const [json, plain] = [flags.has("json"), flags.has("plain")];
  if (json && plain) throw new UsageError("--json and --plain exclude each other");
  return {
    json,
    plain,
    colour: !flags.has("no-color"),
    time: !flags.has("no-time"),
    bell: flags.choice("bell", BELL_POLICIES) ?? "off",
    keepPrivateHistory: flags.has("keep-private-history"),
  };
}
