import {
  ACCEPT_POLICIES,
  type AcceptPolicy,
  RELAY_POLICIES,
  type RelayPolicy,
} from "../peer/commands.ts";
import { parseIp } from "../protocol/address.ts";
import { type FlagNames, type Flags, UsageError } from "./flags.ts";
import { checkProfile } from "./profile.ts";

/** What flags tell of a client to run; what they leave out may be asked for. */
export interface ClientSettings {
  readonly server: string | undefined;
  readonly port: number | undefined;
  readonly username: string | undefined;
  readonly ip: string | undefined;
  readonly udpPort: number | undefined;
}

/** How to join a registry, as flags tell it. */
export interface JoiningConfig {
  readonly settings: ClientSettings;
  readonly accept: AcceptPolicy;
  /** Which kept keys to use; `undefined` for none. */
  readonly profile: string | undefined;
  /** Whether to ask for a passphrase of the key. */
  readonly passphrase: boolean;
  readonly classic: boolean;
  readonly relay: RelayPolicy;
  readonly trustRegistry: boolean;
}

/** The flags of everything that joins a registry. */
export const JOINING_FLAGS: FlagNames = {
  values: ["server", "port", "username", "ip", "udp-port", "accept", "profile", "relay"],
  switches: ["ephemeral", "passphrase", "no-classic", "trust-registry"],
};

/** What a user name may be, in short; `lib/protocol/name.ts` has all of it. */
export const NAME_FORM = "1 to 32 letters, digits and ASCII signs, without blanks, : and ~";

/** Where to join, and as whom. */
export const ADDRESS_HELP = `\
  --server HOST         the registry                                    [127.0.0.1]
  --port N              its TCP port                                    [1337]
  --username NAME       what others see you as:
                        ${NAME_FORM}
  --ip IP               where others reach you     [the address that reaches the registry]
  --udp-port N          where others ask you for private chats          [0 = any free one]
`;

/** Over which way. */
export const RELAY_HELP = `\
  --relay MODE          fallback: private chats go through the registry, sealed, where there
                        is no direct way; never                         [fallback]
`;

/** With which keys. */
export const KEYS_HELP = `\
  --profile NAME        which kept keys to use                          [default]
  --ephemeral           a key for this run only, and nothing kept
  --passphrase          ask for a passphrase that seals your key, or opens it; without a
                        terminal it is the first line of input
  --trust-registry      the registry's key has changed, and you know why
`;

/**
 * What the flags in {@linkcode JOINING_FLAGS} tell.
 *
 * @throws {UsageError}
 */
export function readJoining(flags: Flags): JoiningConfig {
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
    relay: flags.choice("relay", RELAY_POLICIES) ?? "fallback",
    trustRegistry: flags.has("trust-registry"),
  };
}
