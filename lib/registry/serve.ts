import process from "node:process";
import { randomHex } from "../crypto/random.ts";
import { Acceptor } from "../net/acceptor.ts";
import { identityOf, newSeed } from "../crypto/identity.ts";
import { parseIp } from "../protocol/address.ts";
import { NONCE_DIGITS, SESSION_DIGITS } from "../protocol/keyed.ts";
import { LocalStore } from "../store/local_store.ts";
import { MemoryStore } from "../store/store.ts";
import { Counters } from "./counters.ts";
import type { RegistryEvent } from "./events.ts";
import { DEFAULT_LIMITS, type RegistryLimits } from "./limits.ts";
import { formatMetrics, type Gauges } from "./metrics.ts";
import { Names } from "./names.ts";
import { checkNumbers } from "./options.ts";
import { Registry } from "./registry.ts";
import { loadRegistryKey } from "./registry_key.ts";
import { Scrapes } from "./scrapes.ts";

/** How long everybody may take for what waits for them when the registry stops, in milliseconds. */
const DRAIN_MS = 5_000;

/** The registry's TCP port where nothing else is said: the original program's. */
export const DEFAULT_PORT = 1337;

/** Seconds that a user whose connection was lost keeps name and place: time to change networks. */
export const DEFAULT_GRACE = 30;

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
   * Seconds that a user whose connection was lost keeps name and place, at most 86,400; 0: none.
   * @default {30}
   */
  readonly grace?: number;
  /**
   * Whose stored values to use: the registry's key, and which names belong to which keys. Without it nothing is
   * stored, and the key is one of this run alone.
   * @default {undefined}
   */
  readonly profile?: string | undefined;
  /** Called for each event, in order. */
  readonly onEvent?: (event: RegistryEvent) => void;
}

/** A registry that listens. Dispose of it to stop it. */
export class RunningRegistry implements AsyncDisposable {
  readonly #counters = new Counters();
  readonly #registry: Registry;
  readonly #users: Acceptor;
  #scrapers: Acceptor | undefined;
  /** `undefined` where nothing is stored. */
  readonly #store: LocalStore | undefined;
  #stopping: Promise<boolean> | undefined;

  /** Use {@linkcode startRegistry}. */
  constructor(options: RegistryOptions) {
    const { hostname = "0.0.0.0", port = DEFAULT_PORT, profile, onEvent = () => {} } = options;
    const numbers = {
      maxClients: options.maxClients ?? DEFAULT_LIMITS.maxClients,
      maxPerIp: options.maxPerIp ?? DEFAULT_LIMITS.maxPerIp,
      messageRate: options.messageRate ?? DEFAULT_LIMITS.messageRate,
      grace: options.grace ?? DEFAULT_GRACE,
    };
    checkNumbers(numbers);
    const onError = (message: string): void => onEvent({ event: "error", code: "store", message });
    this.#store = profile === undefined ? undefined : new LocalStore(profile, onError);
    const core = {
      ...numbers,
      classic: options.classic ?? DEFAULT_LIMITS.classic,
      relay: options.relay ?? DEFAULT_LIMITS.relay,
      counters: this.#counters,
      identity: this.#store
        ? loadRegistryKey(this.#store, newSeed(), onError)
        : identityOf(newSeed(), false),
      names: new Names({ store: this.#store ?? new MemoryStore(), today, onError }),
      newNonce: () => randomHex(NONCE_DIGITS),
      newId: () => randomHex(SESSION_DIGITS),
    };
    this.#registry = new Registry(core, onEvent, (flush) => this.#users.fanOut(flush));
    this.#users = new Acceptor(hostname, port, {
      machine: this.#registry,
      open: (link, now) => {
        const ip = parseIp(link.remoteAddr.hostname.replace(/%.*$/, ""));
        if (ip === undefined || this.#stopping) return undefined;
        return this.#registry.open(link, ip, now);
      },
      acceptFailed: ({ message }) => {
        this.#counters.acceptFailures++;
        onEvent({ event: "error", code: "accept", message: `Cannot accept: ${message}` });
      },
      failed: (error) => {
        const told = error instanceof Error ? error.stack ?? error.message : String(error);
        onEvent({ event: "error", code: "internal", message: `A fault of this program: ${told}` });
      },
    });
  }

  /** Where it listens. */
  get addr(): { readonly hostname: string; readonly port: number } {
    return this.#users.addr;
  }

  /** How many users are registered. */
  get size(): number {
    return this.#registry.size;
  }

  /**
   * Serves `/metrics` and `/healthz` over HTTP from now on, until the registry has stopped; call it once.
   *
   * @param port 0 lets the system choose
   * @returns the port
   * @throws {Deno.errors.AddrInUse} and others of `Deno.listen`
   */
  serveMetrics({ hostname, port }: { readonly hostname: string; readonly port: number }): number {
    if (this.#scrapers) throw new TypeError("Cannot serve metrics twice");
    const scrapes = new Scrapes({
      metrics: () => formatMetrics(this.#counters, this.#gauges()),
      isServing: () => !this.#stopping,
    });
    this.#scrapers = new Acceptor(hostname, port, {
      machine: scrapes,
      open: (link, now) => scrapes.open(link, now),
      acceptFailed: () => {
        // Those who scrape see it; the users' side of it is told.
      },
      failed: () => {
        // It ends that one scrape.
      },
    });
    return this.#scrapers.addr.port;
  }

  /**
   * Takes no new connections, tells everybody `closing`, and ends each connection once all is written that
   * waits for it, or after 5 s. Idempotent.
   *
   * @returns whether all connections were over by then: everybody has taken all
   */
  stop(): Promise<boolean> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<boolean> {
    await this.#users.close();
    const flushed = await this.#users.drain(() => this.#registry.shutdown(), DRAIN_MS);
    await this.#scrapers?.close();
    await this.#scrapers?.abort();
    await this.#store?.settled();
    return flushed;
  }

  #gauges(): Gauges {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed, external } = Deno.memoryUsage();
    return {
      users: this.#registry.size,
      connections: this.#users.size,
      relayLinks: this.#registry.relayed.links,
      relayQueued: this.#registry.relayed.queued,
      residentBytes: rss,
      usedBytes: heapUsed + external,
      cpuSeconds: (user + system) / 1_000_000,
      startedAt: performance.timeOrigin / 1_000,
    };
  }
}

/**
 * Starts a registry.
 *
 * @returns once it listens
 * @throws {RangeError} for a limit or a grace that is no whole number from 0, or a grace over 86,400
 * @throws {Deno.errors.AddrInUse} and others of `Deno.listen`
 */
export function startRegistry(options: RegistryOptions = {}): RunningRegistry {
  return new RunningRegistry(options);
}

/** Days since 1970, in UTC. */
function today(): number {
  return Math.floor(Date.now() / 86_400_000);
}
