import { type Identity, identityOf } from "../../lib/crypto/identity.ts";
import type { Endpoint } from "../../lib/protocol/address.ts";
import { DEFAULT_LIMITS, type RegistryLimits } from "../../lib/registry/limits.ts";
import { Names } from "../../lib/registry/names.ts";
import { Registry } from "../../lib/registry/registry.ts";
import { MemoryStore } from "../../lib/store/store.ts";
import { VirtualClient, type VirtualClientOptions } from "./virtual_client.ts";
import type { VirtualNat } from "./virtual_nat.ts";
import { Cable, DELAY, type Pipe } from "./virtual_pipe.ts";

export { VirtualClassic } from "./virtual_classic.ts";
export { seedOf, VirtualClient, type VirtualClientOptions } from "./virtual_client.ts";
export type { Pipe } from "./virtual_pipe.ts";

/** Sees the bytes of one way of a private link, and gives back what arrives in their place. */
export type Tap = (bytes: Uint8Array, from: string) => readonly Uint8Array[];

/** Sees each message of a registry to a client, and gives back what arrives in its place. */
export type Rewrite = (payload: string, to: string) => readonly string[];

/** Decides about each dial of a client: whether it connects, is refused, or is never answered. */
export type DialFate = (from: string, to: Endpoint) => "connect" | "refuse" | "silence";

/** Decides about each datagram: milliseconds until it arrives, `undefined` if it is lost. */
export type DatagramFate = (from: Endpoint, to: Endpoint) => number | undefined;

/**
 * A registry and clients, all without sockets, in one virtual network with a manual clock. Everything
 * happens in the order of its time, so a run is repeatable to the last byte.
 */
export class VirtualWorld {
  now = 0;
  /** What the next registry takes, where it is not the default. */
  registryLimits: Partial<RegistryLimits> = {};
  /** What the registry keeps over its restarts. */
  readonly registryStore = new MemoryStore();
  registryIdentity: Identity = identityOf(new Uint8Array(32).fill(0x11), true);
  /** Further registries, by host. */
  readonly registries = new Map<string, Registry>();
  registry = this.#newRegistry();
  registryUp = true;
  /** Whether the registry accepts connections and says nothing on them. */
  mute = false;
  fate: DatagramFate = () => DELAY;
  dialFate: DialFate = () => "connect";
  /** What stands between clients; nothing where left out. */
  nat: VirtualNat | undefined;
  /** Sees all bytes between clients and registries. */
  overhear: ((bytes: Uint8Array) => void) | undefined;
  /** Every datagram that was sent, in order. */
  readonly datagrams: { bytes: Uint8Array; from: Endpoint; to: Endpoint }[] = [];
  /** Every dial of a client, in order. */
  readonly dials: { from: string; to: Endpoint }[] = [];
  tap: Tap = (bytes) => [bytes];
  /** What a hostile registry, or who sits before it, makes of its messages. */
  rewrite: Rewrite | undefined;
  readonly clients: VirtualClient[] = [];
  readonly udp = new Map<string, (bytes: Uint8Array, from: Endpoint) => void>();
  readonly tcp = new Map<string, (from: Endpoint, back: Pipe) => Pipe>();
  #queue: { at: number; order: number; run: () => void }[] = [];
  #order = 0;
  readonly #registryPipes = new Set<Pipe>();
  #ports = 40_000;

  /** A new client at an IP of its own; it begins to connect. */
  add(username: string, options: Partial<VirtualClientOptions> = {}): VirtualClient {
    const ip = options.ip ?? `10.0.0.${this.clients.length + 1}`;
    const client = new VirtualClient(this, username, ip, options);
    this.clients.push(client);
    return client;
  }

  /** Has something happen so many milliseconds from now. */
  after(ms: number, run: () => void): void {
    this.#queue.push({ at: this.now + ms, order: this.#order++, run });
  }

  /** A port nobody has. */
  newPort(): number {
    return ++this.#ports;
  }

  /** Lets so many milliseconds pass. */
  pass(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const due = this.#due();
      if (due === undefined || due > until) break;
      this.now = due;
      const index = this.#first();
      const next = this.#queue[index];
      if (next && next.at <= due) {
        this.#queue.splice(index, 1);
        next.run();
        continue;
      }
      for (const registry of [this.registry, ...this.registries.values()]) {
        if ((registry.nextTimeout() ?? Infinity) <= due) registry.timeout(due);
      }
      for (const { engine } of this.clients) {
        if ((engine.nextTimeout() ?? Infinity) <= due) engine.timeout(due);
      }
    }
    this.now = until;
  }

  /** Cuts all connections to the registry and, until it is `up` again, refuses new ones. */
  setRegistry(up: boolean): void {
    this.registryUp = up;
    if (up) this.registry = this.#newRegistry();
    for (const pipe of this.#registryPipes) pipe.end();
    this.#registryPipes.clear();
  }

  /** Starts another registry, with names of its own. */
  openRegistry(host: string, identity: Identity = this.registryIdentity): void {
    const firstId = (this.registries.size + 1) * 100_000;
    this.registries.set(host, this.#newRegistry(identity, new MemoryStore(), firstId));
  }

  /** Has the registry forget whom names belong to; everybody is cut off. */
  forgetNames(): void {
    for (const name of this.registryStore.keys("")) this.registryStore.delete(name);
    this.setRegistry(false);
    this.setRegistry(true);
  }

  /**
   * Connects somebody at `ip` to a registry, the first where none is named; `undefined` if it is down.
   *
   * @param cable what it runs over
   */
  toRegistry(ip: string, back: Pipe, host?: string, cable: Cable = new Cable()): Pipe | undefined {
    const registry = this.registries.get(host ?? "") ?? this.registry;
    if (!this.registryUp) return undefined;
    if (this.mute) return { deliver: () => {}, end: () => {} };
    const later = this.later(cable.over(back));
    const id = registry.open(
      {
        queued: 0,
        send: (bytes) => {
          this.overhear?.(bytes);
          later.deliver(bytes);
        },
        end: later.end,
        cut: (last) => {
          if (last) later.deliver(last);
          later.end();
        },
      },
      { ip, port: this.newPort() },
      this.now,
    );
    this.#registryPipes.add(later);
    return this.later(cable.over({
      deliver: (bytes) => {
        this.overhear?.(bytes);
        registry.receive(id, bytes, this.now);
      },
      end: () => registry.ended(id, this.now),
    }));
  }

  /** The same pipe, with the world's delay before it. */
  later(pipe: Pipe): Pipe {
    let ended = false;
    return {
      deliver: (bytes) => {
        const copy = bytes.slice();
        if (!ended) this.after(DELAY, () => pipe.deliver(copy));
      },
      end: () => {
        if (!ended) this.after(DELAY, () => pipe.end());
        ended = true;
      },
    };
  }

  #newRegistry(
    identity = this.registryIdentity,
    store = this.registryStore,
    firstId = 0,
  ): Registry {
    let ids = firstId;
    const options = {
      ...DEFAULT_LIMITS,
      ...this.registryLimits,
      maxPerIp: 0,
      grace: 30,
      identity,
      names: new Names({ store, today: () => 20_000 }),
      newNonce: () => hexId(++ids, 32),
      // Other ones than those of a registry that was here before.
      newId: () => hexId(this.now * 1_000 + ++ids, 16),
    };
    return new Registry(options, () => {}, (flush) => flush());
  }

  #due(): number | undefined {
    const times = [
      this.#queue[this.#first()]?.at,
      this.registry.nextTimeout(),
      ...Array.from(this.registries.values(), (registry) => registry.nextTimeout()),
      ...this.clients.map(({ engine }) => engine.nextTimeout()),
    ].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.max(this.now, Math.min(...times));
  }

  #first(): number {
    let first = 0;
    for (const [index, { at, order }] of this.#queue.entries()) {
      const best = this.#queue[first];
      if (best && (at < best.at || (at === best.at && order < best.order))) first = index;
    }
    return first;
  }
}

function hexId(number: number, digits: number): string {
  return number.toString(16).padStart(digits, "0");
}
