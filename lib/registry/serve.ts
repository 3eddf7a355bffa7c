import { randomHex } from "../crypto/random.ts";
import { Alarm, steadyNow } from "../net/alarm.ts";
import type { Link } from "../net/link.ts";
import { Listener } from "../net/listener.ts";
import { identityOf, newSeed } from "../crypto/identity.ts";
import { parseIp } from "../protocol/address.ts";
import { NONCE_DIGITS, SESSION_DIGITS } from "../protocol/keyed.ts";
import { LocalStore } from "../store/local_store.ts";
import { MemoryStore } from "../store/store.ts";
import type { RegistryEvent } from "./events.ts";
import { DEFAULT_LIMITS, type RegistryLimits } from "./limits.ts";
import { forgetName, Names } from "./names.ts";
import { Registry } from "./registry.ts";
import { loadRegistryKey } from "./registry_key.ts";

/** The registry's TCP port where nothing else is said: the original program's. */
export const DEFAULT_PORT = 1337;

/** How to run a registry. */
export interface RegistryOptions extends Partial<RegistryLimits> {
  /**
   * Address to listen on; `::` serves IPv6 and IPv4.
   * @default {"0.0.0.0"}
   */
  readonly hostname?: string;
  /**
   * TCP port; 0 lets the system choose.
   * @default {1337}
   */
  readonly port?: number;
  /**
   * Whose stored values to use: the registry's key, and which names belong to which keys. Without it nothing is
   * stored, and the key is one of this run alone.
   * @default {undefined}
   */
  readonly profile?: string | undefined;
  /** Called for each join, leave and error, in order. */
  readonly onEvent?: (event: RegistryEvent) => void;
}

/** A registry that listens. Dispose of it to stop it. */
export class RunningRegistry implements AsyncDisposable {
  readonly #registry: Registry;
  readonly #listener: Listener;
  readonly #alarm: Alarm;
  readonly #links = new Set<Link>();
  /** `undefined` where nothing is stored. */
  readonly #store: LocalStore | undefined;
  #stopping: Promise<void> | undefined;

  /** Use {@linkcode startRegistry}. */
  constructor(options: RegistryOptions) {
    const { hostname = "0.0.0.0", port = DEFAULT_PORT, profile, onEvent = () => {} } = options;
    const onError = (message: string): void => onEvent({ event: "error", code: "store", message });
    this.#store = profile === undefined ? undefined : new LocalStore(profile, onError);
    const core = {
      maxClients: options.maxClients ?? DEFAULT_LIMITS.maxClients,
      maxPerIp: options.maxPerIp ?? DEFAULT_LIMITS.maxPerIp,
      messageRate: options.messageRate ?? DEFAULT_LIMITS.messageRate,
      classic: options.classic ?? DEFAULT_LIMITS.classic,
      identity: this.#store
        ? loadRegistryKey(this.#store, newSeed(), onError)
        : identityOf(newSeed(), false),
      names: new Names({ store: this.#store ?? new MemoryStore(), today, onError }),
      newNonce: () => randomHex(NONCE_DIGITS),
      newId: () => randomHex(SESSION_DIGITS),
    };
    this.#registry = new Registry(core, onEvent, (flush) =>
      queueMicrotask(() => {
        flush();
        // What was written may want to be woken for the rest of it.
        this.#alarm.update();
      }));
    this.#alarm = new Alarm(this.#registry);
    this.#listener = new Listener(hostname, port, {
      accepted: (link) => this.#serve(link),
      acceptFailed: (error) =>
        onEvent({ event: "error", code: "accept", message: `Cannot accept: ${error.message}` }),
    });
  }

  /** Where it listens. */
  get addr(): { readonly hostname: string; readonly port: number } {
    const { hostname, port } = this.#listener.addr;
    return { hostname, port };
  }

  /** How many users are registered. */
  get size(): number {
    return this.#registry.size;
  }

  /** Takes no new connections, tells everybody `closing`, ends all connections. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Stops it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    await this.#listener[Symbol.asyncDispose]();
    this.#registry.shutdown();
    await Promise.all(Array.from(this.#links, (link) => link.closed));
    this.#alarm.cancel();
    await this.#store?.settled();
  }

  #serve(link: Link): void {
    const ip = parseIp(link.remoteAddr.hostname.replace(/%.*$/, ""));
    if (ip === undefined || this.#stopping) return link.abort();
    this.#links.add(link);
    const id = this.#registry.open(link, ip, steadyNow());
    link.start({
      received: (chunk) => {
        this.#registry.receive(id, chunk, steadyNow());
        this.#alarm.update();
      },
      ended: () => {
        this.#registry.ended(id);
        this.#alarm.update();
      },
    });
    link.closed.then(() => this.#links.delete(link));
    this.#alarm.update();
  }
}

/**
 * Starts a registry.
 *
 * @returns once it listens
 * @throws {Deno.errors.AddrInUse} and others of `Deno.listen`
 */
export function startRegistry(options: RegistryOptions = {}): RunningRegistry {
  return new RunningRegistry(options);
}

/**
 * Takes `username` from the key that has it. A registry that runs with that profile sees it when the name is next
 * asked for.
 *
 * @returns whether it belonged to any
 * @throws {Error} if the store could not be read or written; the message is for people
 */
export async function forgetUsername(profile: string, username: string): Promise<boolean> {
  const problems: string[] = [];
  const store = new LocalStore(profile, (message) => problems.push(message));
  const found = forgetName(store, username);
  await store.settled();
  const [problem] = problems;
  if (problem !== undefined) throw new Error(problem);
  return found;
}

/** Days since 1970, in UTC. */
function today(): number {
  return Math.floor(Date.now() / 86_400_000);
}
