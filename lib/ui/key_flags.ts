import { checkName } from "../protocol/name.ts";
import { Flags, UsageError } from "./flags.ts";
import { checkProfile, DEFAULT_PROFILE } from "./profile.ts";

/** What a call of `key` asks for. */
export type KeyConfig =
  | { readonly mode: "help" }
  | { readonly mode: "export"; readonly profile: string; readonly username: string }
  | {
    readonly mode: "import";
    readonly profile: string;
    readonly replace: boolean;
    readonly keepSealed: boolean;
  };

/** The answer to `key --help`. */
export const KEY_HELP = `Takes the key that proves who you are from one place to another.

Usage: confab-client key export --username NAME [--profile P]
       confab-client key import [--profile P] [--replace] [--passphrase]
       (or: deno task client key ...)

export writes one line to standard output: the key, sealed with a passphrase that it asks
for; with the one it has if it is sealed here. import reads that line from standard input,
then its passphrase; without --passphrase, the key is stored unsealed.
Where standard input is no terminal, the passphrase is its next line:
  (cat ann.key; echo PASSPHRASE) | confab-client key import

  --username NAME       whose key
  --profile NAME        which stored keys to use                        [default]
  --replace             even if another key of that name is stored here: that one is lost
  --passphrase          store it sealed: every start then needs --passphrase, and asks
  --help
`;

/**
 * Reads the arguments after `key`.
 *
 * @throws {UsageError}
 * @throws {ProtocolError} `bad-name`
 */
export function parseKeyFlags(args: readonly string[]): KeyConfig {
  const [action, ...rest] = args;
  if (action === "--help") return { mode: "help" };
  if (action !== "export" && action !== "import") {
    throw new UsageError("key takes export or import");
  }
  const flags = new Flags(
    rest,
    action === "export"
      ? { values: ["username", "profile"], switches: ["help"] }
      : { values: ["profile"], switches: ["replace", "passphrase", "help"] },
  );
  if (flags.has("help")) return { mode: "help" };
  const profile = checkProfile(flags) ?? DEFAULT_PROFILE;
  if (action === "import") {
    const [replace, keepSealed] = [flags.has("replace"), flags.has("passphrase")];
    return { mode: "import", profile, replace, keepSealed };
  }
  const username = flags.text("username");
  if (username === undefined) throw new UsageError("--username is missing");
  checkName(username);
  return { mode: "export", profile, username };
}
