import { Client, ClientError, DEFAULT_REGISTRY } from "../peer/client.ts";
import { type ClientKeys, openKeys } from "../peer/client_keys.ts";
import { ProtocolError } from "../protocol/error.ts";
import { checkName } from "../protocol/name.ts";
import { IdentityError, storedForm } from "../store/identities.ts";
import { LocalStore } from "../store/local_store.ts";
import { VERSION } from "../version.ts";
import { CLIENT_HELP, type ClientConfig, NAME_FORM, parseClientFlags } from "./client_flags.ts";
import { ClientRun } from "./client_run.ts";
import { escapeForTerminal } from "./escape.ts";
import { UsageError } from "./flags.ts";
import { keyMain } from "./key_main.ts";
import { askNewPassphrase, askPassphrase } from "./passphrase.ts";
import type { CompleteSettings } from "./setup.ts";
import { writeLines } from "./stdout.ts";

/** What to do about an error, by its code. */
const ADVICE: Readonly<Record<string, string>> = {
  "name-taken": "choose another with --username, or bring your key along: confab-client key --help",
  "bad-name": `a name is ${NAME_FORM}`,
};

/** Runs the client's program; resolves to its exit code. */
export async function clientMain(args: readonly string[]): Promise<number> {
  if (args[0] === "key") return await keyMain(args.slice(1));
  try {
    return await run(parseClientFlags(args));
  } catch (error) {
    if (error instanceof ClientError || error instanceof IdentityError) {
      complain(error.message);
      return 1;
    }
    // A name that cannot be one is a wrong flag, as no registry was asked yet.
    if (!(error instanceof UsageError || error instanceof ProtocolError)) throw error;
    const code = error instanceof ProtocolError ? error.code : "";
    complain(`${advised(error.message, code)}; see --help`);
    return 2;
  }
}

async function run(config: ClientConfig): Promise<number> {
  if (config.mode === "help") return writeLines([CLIENT_HELP.trimEnd()]) ? 0 : 1;
  if (config.mode === "version") return writeLines([`confab-client ${VERSION}`]) ? 0 : 1;
  const settings = await complete(config);
  if (!settings) return 0;
  const keys = await keysOf(settings.username, config);
  if (!keys) return 0;
  const { ip, ...rest } = settings;
  const { accept, classic, trustRegistry } = config;
  const options = { ...rest, ...(ip !== undefined && { ip }), accept, classic, trustRegistry };
  const outcome = await new ClientRun(config.json).until((onEvent) =>
    new Client({ ...options, onEvent }, keys)
  );
  if (outcome.reason === "quit" && outcome.message === "") return 0;
  complain(advised(outcome.message, outcome.reason));
  return 1;
}

/** The user's own key and what is known of others'. `undefined` if the user gave up. */
async function keysOf(
  username: string,
  config: ClientConfig & { mode: "run" },
): Promise<ClientKeys | undefined> {
  const { profile } = config;
  if (profile === undefined) return await openKeys({ username });
  if (!config.passphrase) return await openKeys({ username, profile });
  checkName(username);
  const sealed = storedForm(new LocalStore(profile, () => {}), username) === "sealed";
  const passphrase = await (sealed ? askPassphrase : askNewPassphrase)(username);
  return passphrase === undefined ? undefined : await openKeys({ username, profile, passphrase });
}

/** Flags, defaults and, in a terminal, answers. `undefined` if the user gave up. */
async function complete(
  { settings, json }: ClientConfig & { mode: "run" },
): Promise<CompleteSettings | undefined> {
  if (Deno.stdin.isTerminal()) {
    const { completeSettings } = await import("./setup.ts");
    return completeSettings(settings, json);
  }
  const { username, ip, udpPort = 0 } = settings;
  if (username === undefined) throw new UsageError("--username is missing");
  const { server = DEFAULT_REGISTRY.server, port = DEFAULT_REGISTRY.port } = settings;
  return { server, port, username, ip, udpPort };
}

function advised(message: string, code: string): string {
  const advice = Object.hasOwn(ADVICE, code) ? ADVICE[code] : undefined;
  return advice === undefined ? message : `${message}; ${advice}`;
}

function complain(message: string): void {
  // It may be the registry's own words.
  writeLines([`confab-client: ${escapeForTerminal(message)}`], Deno.stderr);
}
