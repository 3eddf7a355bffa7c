import { type ClientOptions, DEFAULT_REGISTRY } from "../peer/client.ts";
import { type ClientKeys, openKeys } from "../peer/client_keys.ts";
import { checkName } from "../protocol/name.ts";
import { storedForm } from "../store/identities.ts";
import { LocalStore } from "../store/local_store.ts";
import { UsageError } from "./flags.ts";
import type { JoiningConfig } from "./joining_flags.ts";
import { askNewPassphrase, askPassphrase } from "./passphrase.ts";
import type { CompleteSettings } from "./setup.ts";

/** All that a client is made of, but for who hears its events. */
export interface Joining {
  readonly options: Omit<ClientOptions, "onEvent">;
  readonly keys: ClientKeys;
}

/**
 * What flags tell, completed by defaults and, where somebody is there to be asked, answers.
 *
 * @param asks fills in what is missing; left out: a missing user name is an error
 * @returns `undefined` if the user gave up
 * @throws {UsageError} if there is no user name
 * @throws {IdentityError} if the kept key is sealed and the passphrase is not its
 */
export async function completeJoining(
  config: JoiningConfig,
  asks?: () => Promise<CompleteSettings | undefined>,
): Promise<Joining | undefined> {
  const settings = asks ? await asks() : completed(config);
  if (!settings) return undefined;
  const keys = await keysOf(settings.username, config);
  if (!keys) return undefined;
  const { ip, ...rest } = settings;
  const { accept, classic, relay, trustRegistry } = config;
  return {
    options: { ...rest, ...(ip !== undefined && { ip }), accept, classic, relay, trustRegistry },
    keys,
  };
}

function completed({ settings }: JoiningConfig): CompleteSettings {
  const { username, ip, udpPort = 0 } = settings;
  if (username === undefined) throw new UsageError("--username is missing");
  const { server = DEFAULT_REGISTRY.server, port = DEFAULT_REGISTRY.port } = settings;
  return { server, port, username, ip, udpPort };
}

/** The user's own key and what is known of others'. `undefined` if the user gave up. */
async function keysOf(
  username: string,
  { profile, passphrase: isSealed }: JoiningConfig,
): Promise<ClientKeys | undefined> {
  if (profile === undefined) return await openKeys({ username });
  if (!isSealed) return await openKeys({ username, profile });
  checkName(username);
  const sealed = storedForm(new LocalStore(profile, () => {}), username) === "sealed";
  const passphrase = await (sealed ? askPassphrase : askNewPassphrase)(username);
  return passphrase === undefined ? undefined : await openKeys({ username, profile, passphrase });
}
