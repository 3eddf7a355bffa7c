/**
 * The checks that need nobody but this machine.
 *
 * @module
 */
import { randomHex } from "../crypto/random.ts";
import { dial } from "../net/dial.ts";
import type { Link } from "../net/link.ts";
import { Listener } from "../net/listener.ts";
import { isV6 } from "../protocol/address.ts";
import { NONCE_DIGITS } from "../protocol/keyed.ts";
import type { LocalStore } from "../store/local_store.ts";
import type { Check, CheckName, CheckStatus } from "./diagnosis.ts";
import { within } from "./within.ts";

/** What this machine may take for what stays on it, in milliseconds. */
export const LOCAL_MS = 2_000;

/**
 * Whether whom we ask for a chat could dial us at `own`, as far as this machine goes.
 *
 * @param local an address that is this machine's own
 */
export async function checkListening(own: string, local: string): Promise<Check> {
  let why = "no connection arrives: a firewall drops it";
  for (const hostname of [own, isV6(own) ? "::" : "0.0.0.0"]) {
    try {
      if (await isReached(hostname, hostname === own ? own : local)) {
        return check("tcp-in", "ok", "this machine can be dialled by its own address");
      }
      break;
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
      if (!(error instanceof Deno.errors.AddrNotAvailable)) break;
    }
  }
  return check("tcp-in", "warn", `this machine cannot be dialled by its own address: ${why}`);
}

async function isReached(hostname: string, to: string): Promise<boolean> {
  const accepted = Promise.withResolvers<Link>();
  await using listener = new Listener(hostname, 0, {
    accepted: (link) => accepted.resolve(link),
    acceptFailed: () => {},
  });
  await using _dialled = await dial(to, listener.addr.port, AbortSignal.timeout(LOCAL_MS));
  const link = await within(LOCAL_MS, accepted.promise);
  link?.abort();
  await link?.closed;
  return link !== undefined;
}

/**
 * Whether what is written to a store is there.
 *
 * @param store `undefined`: none is wanted
 * @param problems what it has told its maker so far, and tells meanwhile
 */
export async function checkStore(
  store: LocalStore | undefined,
  profile: string | undefined,
  problems: readonly string[],
): Promise<Check> {
  if (!store) return check("store", "ok", "nothing is kept, as you asked");
  const key = `doctor/${randomHex(NONCE_DIGITS)}`;
  store.set(key, "1");
  await store.settled();
  const isKept = store.get(key) === "1";
  store.delete(key);
  await store.settled();
  const [problem] = problems;
  if (problem !== undefined) return check("store", "warn", problem);
  if (!isKept) return check("store", "warn", "what is written cannot be read again");
  return check("store", "ok", `keys are kept: profile ${profile}`);
}

/** What the terminal is like. */
export function checkTerminal(): Check {
  if (!Deno.stdout.isTerminal()) {
    return check("terminal", "ok", "the output is no terminal: lines as for a pipe");
  }
  const { columns, rows } = Deno.consoleSize();
  const narrow = columns < 40 ? ": lines will wrap a lot" : "";
  const text = `${columns} columns, ${rows} rows${narrow}; colours are not known`;
  return check("terminal", narrow === "" ? "ok" : "warn", text);
}

/** One check, with what it has shown. */
export function check(name: CheckName, status: CheckStatus, text: string): Check {
  return { event: "check", check: name, status, text };
}
