import { ACCEPT_POLICIES, type AcceptPolicy } from "../peer/commands.ts";
import { parseIp } from "../protocol/address.ts";
import { Flags, UsageError } from "./flags.ts";
import { checkProfile } from "./profile.ts";

/** What flags tell of a client to run; what they leave out may be asked for. */
export interface ClientSettings {
  readonly server: string | undefined;
  readonly port: number | undefined;
  readonly username: string | undefined;
  readonly ip: string | undefined;
  readonly udpPort: number | undefined;
}

/** What a call of the client asks for. */
export type ClientConfig =
  | { readonly mode: "help" }
  | { readonly mode: "version" }
  | {
    readonly mode: "run";
    readonly settings: ClientSettings;
    readonly accept: AcceptPolicy;
    /** Which kept keys to use; `undefined` for none. */
    readonly profile: string | undefined;
    /** Whether to ask for a passphrase of the key. */
    readonly passphrase: boolean;
    readonly classic: boolean;
    readonly trustRegistry: boolean;
    readonly json: boolean;
  };

/** What a user name may be, in short; `lib/protocol/name.ts` has all of it. */
export const NAME_FORM = "1 to 32 letters, digits and ASCII signs, without blanks, : and ~";

/** The answer to `--help`. */
export const CLIENT_HELP = `Joins a registry, to talk to everybody there and to each one in private.

Usage: confab-client [flags]      (or: deno task client [flags])

What is left out of the first five is asked for, in a terminal.
  --server HOST         the registry                                    [127.0.0.1]
  --port N              its TCP port                                    [1337]
  --username NAME       what others see you as:
                        ${NAME_FORM}
  --ip IP               where others reach you     [the address that reaches the registry]
  --udp-port N          where others ask you for private chats          [0 = any free one]
  --accept POLICY       who may open a private chat unasked: ask = nobody, known = those
                        whose key you know (from a chat, /trust or /verified), all,
                        none = and do not even ask                      [ask]
  --no-classic          no private chats with those who have no key: they are not encrypted
  --profile NAME        which kept keys to use                          [default]
  --ephemeral           a key for this run only, and nothing kept
  --passphrase          ask for a passphrase that seals your key, or opens it; without a
                        terminal it is the first line of input
  --trust-registry      the registry's key has changed, and you know why
  --json                events as one JSON object a line; commands may be JSON, too
  --help, --version

Commands, once you are in: /help lists them.
Your key on another machine: confab-client key --help
`;

/**
 * Reads the client's arguments.
 *
 * @throws {UsageError}
 */
export function parseClientFlags(args: readonly string[]): ClientConfig {
  const flags = new Flags(args, {
    values: ["server", "port", "username", "ip", "udp-port", "accept", "profile"],
    switches: [
      ...["ephemeral", "passphrase", "no-classic", "trust-registry"],
      ...["json", "help", "version"],
    ],
  });
  if (flags.has("help")) return { mode: "help" };
  if (flags.has("version")) return { mode: "version" };
  const profile = checkProfile(flags);
  if (flags.has("passphrase") && profile === undefined) {
    throw new UsageError("--passphrase and --ephemeral exclude each other");
  }
  const ip = flags.text("ip");
  if (ip !== undefined && parseIp(ip) === undefined) {
    throw new UsageError(`--ip takes an IP address, not ${ip}`);
  }
  const port = flags.port("port");
  if (port === 0) throw new UsageError("--port takes a port from 1 to 65535, not 0");
  return {
    mode: "run",
    settings: {
      server: flags.text("server"),
      port,
      username: flags.text("username"),
      ip,
      udpPort: flags.port("udp-port"),
    },
    accept: flags.choice("accept", ACCEPT_POLICIES) ?? "ask",
    profile,
    passphrase: flags.has("passphrase"),
    classic: !flags.has("no-classic"),
    trustRegistry: flags.has("trust-registry"),
    json: flags.has("json"),
  };
}
