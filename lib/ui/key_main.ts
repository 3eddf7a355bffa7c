import { fingerprintOf } from "../crypto/fingerprint.ts";
import { isSealedKey, SealedKeyError } from "../crypto/sealed_key.ts";
import { ProtocolError } from "../protocol/error.ts";
import { exportIdentity, IdentityError, importIdentity, storedForm } from "../store/identities.ts";
import { LocalStore } from "../store/local_store.ts";
import { escapeForTerminal } from "./escape.ts";
import { UsageError } from "./flags.ts";
import { KEY_HELP, type KeyConfig, parseKeyFlags } from "./key_flags.ts";
import { askNewPassphrase, askPassphrase } from "./passphrase.ts";
import { ask } from "./questions.ts";
import { takeStdinLine } from "./stdin_lines.ts";
import { writeLines } from "./stdout.ts";

const WHOLE_LINE = "the whole line that key export printed";

/**
 * Runs `key export` and `key import`; resolves to the exit code.
 *
 * @param args those after `key`
 */
export async function keyMain(args: readonly string[]): Promise<number> {
  const storeErrors: string[] = [];
  try {
    const config = parseKeyFlags(args);
    if (config.mode === "help") return writeLines([KEY_HELP.trimEnd()]) ? 0 : 1;
    const store = new LocalStore(config.profile, (message) => storeErrors.push(message));
    const done = config.mode === "export"
      ? await exportKey(store, config)
      : await importKey(store, config);
    tell(done ?? "nothing was done");
    return done === undefined ? 1 : 0;
  } catch (error) {
    if (error instanceof UsageError || error instanceof ProtocolError) {
      tell(`${error.message}; see key --help`);
      return 2;
    }
    if (!(error instanceof IdentityError || error instanceof SealedKeyError)) throw error;
    // What ails the store is why there is no key in it.
    tell(storeErrors[0] ?? error.message);
    return 1;
  }
}

/** What was done, for people; `undefined` if the user gave up. */
async function exportKey(
  store: LocalStore,
  { username }: KeyConfig & { mode: "export" },
): Promise<string | undefined> {
  const form = storedForm(store, username);
  let passphrase: string | undefined = ""; // Where there is no key, exportIdentity() says why.
  if (form === "sealed") passphrase = await askPassphrase(username);
  if (form === "open") passphrase = await askNewPassphrase(username);
  if (passphrase === undefined) return undefined;
  const { sealed, publicKey } = exportIdentity(store, username, passphrase);
  if (!writeLines([sealed])) return undefined;
  return `the key of ${username}, fingerprint ${fingerprintOf(publicKey)}`;
}

/** What was done, for people; `undefined` if the user gave up. */
async function importKey(
  store: LocalStore,
  config: KeyConfig & { mode: "import" },
): Promise<string | undefined> {
  const sealed = await askSealedKey();
  if (sealed === undefined) return undefined;
  if (!isSealedKey(sealed)) {
    throw new SealedKeyError("bad-form", `that is no key: give ${WHOLE_LINE}`);
  }
  // Whose it is stands at its end, and becomes certain when it is opened.
  const passphrase = await askPassphrase(sealed.slice(sealed.lastIndexOf(":") + 1));
  if (passphrase === undefined) return undefined;
  const { username, publicKey } = await importIdentity(store, sealed, passphrase, config);
  return `the key of ${username} is here, fingerprint ${fingerprintOf(publicKey)}`;
}

async function askSealedKey(): Promise<string | undefined> {
  if (!Deno.stdin.isTerminal()) return (await takeStdinLine() ?? "").trim();
  const answer = await ask({
    message: "Sealed key:",
    refuse: (text) => isSealedKey(text.trim()) ? undefined : `That is no key: paste ${WHOLE_LINE}`,
  }, { onStderr: true, plain: false });
  return answer?.trim();
}

function tell(message: string): void {
  writeLines([escapeForTerminal(`confab-client: ${message}`)], Deno.stderr);
}
