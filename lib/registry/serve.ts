import process from "node:process";
import { randomHex } from "../crypto/random.ts";
import { Acceptor } from "../net/acceptor.ts";
import { steadyNow } from "../net/alarm.ts";
import { DatagramPort } from "../net/datagrams.ts";
import { identityOf, newSeed } from "../crypto/identity.ts";
import { parseIp } from "../protocol/address.ts";
import { NONCE_DIGITS, SESSION_DIGITS } from "../protocol/keyed.ts";
import { LocalStore } from "../store/local_store.ts";
import { MemoryStore } from "../store/store.ts";
import { Counters } from "./counters.ts";
import type { RegistryEvent } from "./events.ts";
import { DATAGRAMS_PER_SECOND, DEFAULT_LIMITS, type RegistryLimits } from "./limits.ts";
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
   * UDP port, and the one after it, from which clients are told where they are seen; 0: none. Left out: those with the
   * number of the TCP port, if they are free.
   * @default {undefined}
   */
  readonly udpPort?: number | undefined;
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
  #observers: readonly DatagramPort[] = [];
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
      replay: options.replay ?? DEFAULT_LIMITS.replay,
      grace: options.grace ?? DEFAULT_GRACE,
    };
    checkNumbers(numbers);
    const { udpPort = 0 } = options;
    if (!Number.isInteger(udpPort) || udpPort < 0 || udpPort > 65_534) {
      throw new RangeError(`Cannot serve with udpPort ${udpPort}: 0 to 65534`);
    }
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
      udpPorts: () => this.udpPorts,
    };
    this.#registry = new Registry(core, onEvent, (flush) => this.#users.fanOut(flush));
    const failed = (error: unknown): void => {
      const told = error instanceof Error ? error.stack ?? error.message : String(error);
      onEvent({ event: "error", code: "internal", message: `A fault of this program: ${told}` });
    };
    this.#users = new Acceptor(hostname, port, {
      machine: this.#registry,
      open: (link, now) => {
        const ip = parseIp(link.remoteAddr.hostname.replace(/%.*$/, ""));
        if (ip === undefined || this.#stopping) return undefined;
        return this.#registry.open(link, { ip, port: link.remoteAddr.port }, now);
      },
      acceptFailed: ({ message }) => {
        this.#counters.acceptFailures++;
        onEvent({ event: "error", code: "accept", message: `Cannot accept: ${message}` });
      },
      failed,
    });
    this.#observe(hostname, options, { onEvent, failed });
  }

  /** Where it listens. */
  get addr(): { readonly hostname: string; readonly port: number } {
    return this.#users.addr;
  }

  /** UDP ports from which clients are told where they are seen: two, or none. */
  get udpPorts(): readonly number[] {
    return this.#observers.map(({ addr }) => addr.port);
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

  /** Opens the UDP ports; without those that were asked for by number it does not go on. */
  #observe(
    hostname: string,
    { port, udpPort }: RegistryOptions,
    { onEvent, failed }: {
      readonly onEvent: (event: RegistryEvent) => void;
      readonly failed: (error: unknown) => void;
    },
  ): void {
    if (udpPort === 0) return;
    const first = udpPort ?? this.addr.port;
    const opened: DatagramPort[] = [];
    try {
      for (const each of [first, first + 1]) opened.push(this.#observer(hostname, each, failed));
      this.#observers = opened;
    } catch (error) {
      for (const observer of opened) observer.close();
      if (udpPort !== undefined) {
        this.#users.close();
        throw error;
      }
      // The system has chosen the TCP port's number, which says nothing of UDP.
      if (port === 0) return;
      const why = error instanceof Error ? error.message : String(error);
      const message = `Clients cannot be told where they are seen: UDP ports ${first} and ${
        first + 1
      }: ${why}`;
      onEvent({ event: "error", code: "observe", message });
    }
  }

  #observer(
    hostname: string,
    port: number,
    failed: (error: unknown) => void,
  ): DatagramPort {
    const observer = new DatagramPort(hostname, port, {
      datagram: (bytes, from) => {
        try {
          const answer = this.#registry.datagram(bytes, from, steadyNow());
          if (answer) observer.send(answer, from);
        } catch (error) {
          failed(error);
        }
      },
    }, { perSecond: DATAGRAMS_PER_SECOND });
    return observer;
  }

  async #stop(): Promise<boolean> {
    const observers = this.#observers.map((observer) => observer[Symbol.asyncDispose]());
    await Promise.all([this.#users.close(), ...observers]);
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
 * @throws {RangeError} for a limit or a grace that is no whole number from 0, a grace over 86,400, a replay over 4,096, or
 * a UDP port over 65,534
 * @throws {Deno.errors.AddrInUse} and others of `Deno.listen`
 */
export function startRegistry(options: RegistryOptions = {}): RunningRegistry {
  return new RunningRegistry(options);
}

/** Days since 1970, in UTC. */
function today(): number {
  return Math.floor(Date.now() / 86_400_000);
}
