import { type Identity, identityOf } from "../../lib/crypto/identity.ts";
import { keyPair } from "../../lib/crypto/x25519.ts";
import type { ClientCommand } from "../../lib/peer/commands.ts";
import { Engine, type EngineOptions } from "../../lib/peer/engine.ts";
import type { ClientEvent } from "../../lib/peer/events.ts";
import type { LinkId, PeerPort } from "../../lib/peer/port.ts";
import type { Endpoint } from "../../lib/protocol/address.ts";
import { encodeFrame, FrameDecoder } from "../../lib/protocol/frame.ts";
import { decodeUtf8, encodeUtf8 } from "../../lib/protocol/utf8.ts";
import { DEFAULT_LIMITS } from "../../lib/registry/limits.ts";
import { Names } from "../../lib/registry/names.ts";
import { Registry } from "../../lib/registry/registry.ts";
import { RegistryPin } from "../../lib/store/registry_pin.ts";
import { MemoryStore, type Store } from "../../lib/store/store.ts";
import { TrustBook } from "../../lib/store/trust_book.ts";

export { VirtualClassic } from "./virtual_classic.ts";

/** One way of a TCP connection: bytes arrive in order, after the world's delay. */
export interface Pipe {
  deliver(bytes: Uint8Array): void;
  end(): void;
}

/** Sees the bytes of one way of a private link, and gives back what arrives in their place. */
export type Tap = (bytes: Uint8Array, from: string) => readonly Uint8Array[];

/** Sees each message of a registry to a client, and gives back what arrives in its place. */
export type Rewrite = (payload: string, to: string) => readonly string[];

/** Decides about each datagram: milliseconds until it arrives, `undefined` if it is lost. */
export type DatagramFate = (from: Endpoint, to: Endpoint) => number | undefined;

/** One way through the world takes so long, in milliseconds. */
const DELAY = 5;

/**
 * A registry and clients, all without sockets, in one virtual network with a manual clock. Everything
 * happens in the order of its time, so a run is repeatable to the last byte.
 */
export class VirtualWorld {
  now = 0;
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

  /** Connects somebody at `ip` to a registry, the first where none is named; `undefined` if it is down. */
  toRegistry(ip: string, back: Pipe, host?: string): Pipe | undefined {
    const registry = this.registries.get(host ?? "") ?? this.registry;
    if (!this.registryUp) return undefined;
    if (this.mute) return { deliver: () => {}, end: () => {} };
    const later = this.later(back);
    const id = registry.open(
      {
        queued: 0,
        send: later.deliver,
        end: later.end,
        cut: (last) => {
          if (last) later.deliver(last);
          later.end();
        },
      },
      ip,
      this.now,
    );
    this.#registryPipes.add(later);
    return this.later({
      deliver: (bytes) => registry.receive(id, bytes, this.now),
      end: () => registry.ended(id),
    });
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
      maxPerIp: 0,
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

/** What may be said of a {@linkcode VirtualClient}. */
export interface VirtualClientOptions extends EngineOptions {
  readonly ip: string;
  /** What is kept of keys. */
  readonly store: Store;
  /** Which registry of the world it is led to; the first where left out. */
  readonly registryHost: string;
  /** Under which name it asks for that one; `registry` where left out. */
  readonly server: string;
  readonly trustRegistry: boolean;
}

/** A client in a {@linkcode VirtualWorld}: its engine, its wires, and what it told. */
export class VirtualClient implements PeerPort {
  readonly engine: Engine;
  readonly name: string;
  readonly ip: string;
  readonly events: ClientEvent[] = [];
  /** What a test says waits on each of its links. */
  queuedBytes = 0;
  readonly #world: VirtualWorld;
  readonly #udp: Endpoint;
  /** Which registry of the world it is led to the next time it connects. */
  registryHost: string | undefined;
  #registry: Pipe | undefined;
  readonly #links = new Map<LinkId, Pipe>();
  readonly #listeners = new Map<string, string>();
  readonly #dialling = new Set<LinkId>();

  constructor(
    world: VirtualWorld,
    name: string,
    ip: string,
    options: Partial<VirtualClientOptions>,
  ) {
    this.#world = world;
    this.name = name;
    this.ip = ip;
    this.#udp = { ip, port: world.newPort() };
    // Another run of the same client has other ids and keys.
    const run = world.clients.length;
    let ids = 0;
    const { store = new MemoryStore(), server = "registry", trustRegistry = false } = options;
    this.registryHost = options.registryHost;
    this.engine = new Engine({
      username: name,
      identity: identityOf(seedOf(name), true),
      accept: "ask",
      classic: true,
      trust: new TrustBook(store),
      registryPin: new RegistryPin(store, server, 1337, trustRegistry),
      pid: 1,
      random: () => 0.5,
      newId: () =>
        `${ip}${name}${run}/${++ids}`.split("").map(hex).join("").padEnd(32, "0").slice(-32),
      newKeyPair: () => keyPair(seedOf(`${ip} ${name} ${run} ${++ids}`)),
      ...options,
    }, this);
    world.udp.set(
      key(this.#udp),
      (bytes, from) => this.engine.datagram(bytes, from, world.now),
    );
    this.engine.start(world.now);
  }

  do(command: ClientCommand): void {
    this.engine.command(command, this.#world.now);
  }

  /** Events of one kind, as told so far. */
  told<K extends ClientEvent["event"]>(event: K): Extract<ClientEvent, { event: K }>[] {
    return this.events.filter((each): each is Extract<ClientEvent, { event: K }> =>
      each.event === event
    );
  }

  /** Each private chat's states, in order: `bob open`, `bob closed quit`. */
  get chats(): string[] {
    return this.told("session").map(({ peer, state, reason }) =>
      [peer, state, reason].filter(Boolean).join(" ")
    );
  }

  /** Where offers to this client go. */
  get address(): Endpoint {
    return this.#udp;
  }

  /** Ports that this client listens on. */
  get listening(): number {
    return this.#listeners.size;
  }

  /** Private connections that are open. */
  get connections(): number {
    return this.#links.size;
  }

  connectRegistry(): void {
    const decoder = new FrameDecoder();
    const up = this.#world.toRegistry(this.ip, {
      deliver: (bytes) => {
        for (const part of this.#rewritten(decoder, bytes)) {
          this.engine.registryReceived(part, this.#world.now);
        }
      },
      end: () => this.engine.registryClosed("the connection ended", this.#world.now),
    }, this.registryHost);
    this.#registry = up;
    this.#world.after(DELAY, () => {
      if (up) this.engine.registryOpened({ ip: this.ip, udpPort: this.#udp.port });
      else this.engine.registryClosed("no registry", this.#world.now);
    });
  }

  #rewritten(decoder: FrameDecoder, bytes: Uint8Array): Uint8Array[] {
    const { rewrite } = this.#world;
    if (!rewrite) return [bytes];
    const parts: Uint8Array[] = [];
    decoder.push(bytes);
    for (let frame = decoder.next(); frame; frame = decoder.next()) {
      for (const payload of rewrite(decodeUtf8(frame), this.name)) parts.push(encodeFrame(payload));
    }
    return parts;
  }

  sendRegistry(bytes: Uint8Array): void {
    this.#registry?.deliver(bytes);
  }

  endRegistry(): void {
    this.#registry?.end();
  }

  sendDatagram(bytes: Uint8Array, to: Endpoint): void {
    this.#world.datagrams.push({ bytes, from: this.#udp, to });
    const delay = this.#world.fate(this.#udp, to);
    if (delay === undefined) return;
    this.#world.after(delay, () => this.#world.udp.get(key(to))?.(bytes, this.#udp));
  }

  listen(offer: string): void {
    const port = this.#world.newPort();
    const at = key({ ip: this.ip, port });
    this.#listeners.set(offer, at);
    this.#world.tcp.set(at, (from, back) => {
      const id = this.engine.newLinkId();
      this.#links.set(id, back);
      this.engine.linkAccepted(id, offer, from.ip, this.#world.now);
      return this.#receiver(id);
    });
    this.engine.listening(offer, port, this.#world.now);
  }

  unlisten(offer: string): void {
    this.#world.tcp.delete(this.#listeners.get(offer) ?? "");
    this.#listeners.delete(offer);
  }

  dial(id: LinkId, to: Endpoint): void {
    const world = this.#world;
    world.dials.push({ from: this.name, to });
    this.#dialling.add(id);
    world.after(DELAY, () => {
      // As a socket does: an attempt that was given up comes to nothing.
      if (!this.#dialling.delete(id)) return this.engine.linkEnded(id, world.now);
      const accept = world.tcp.get(key(to));
      if (!accept) return this.engine.linkEnded(id, world.now);
      const there = accept({ ip: this.ip, port: 1 }, world.later(this.#receiver(id)));
      this.#links.set(id, world.later(there));
      world.after(DELAY, () => this.engine.linkOpened(id, world.now));
    });
  }

  sendLink(id: LinkId, bytes: Uint8Array): boolean {
    for (const part of this.#world.tap(bytes, this.name)) this.#links.get(id)?.deliver(part);
    return true;
  }

  queued(): number {
    return this.queuedBytes;
  }

  endLink(id: LinkId): void {
    this.#dialling.delete(id);
    this.#links.get(id)?.end();
    this.#links.delete(id);
  }

  emit(event: ClientEvent): void {
    this.events.push(event);
  }

  #receiver(id: LinkId): Pipe {
    return {
      deliver: (bytes) => this.engine.linkReceived(id, bytes, this.#world.now),
      end: () => {
        // As a socket does: the end of one way is answered by the end of the other.
        this.#links.get(id)?.end();
        this.#links.delete(id);
        this.engine.linkEnded(id, this.#world.now);
      },
    };
  }
}

/** A private key for each text, always the same one. */
export function seedOf(text: string): Uint8Array {
  const seed = new Uint8Array(32);
  for (const [at, byte] of encodeUtf8(text).entries()) {
    const place = at % seed.length;
    seed[place] = ((seed[place] ?? 0) * 31 + byte) % 256;
  }
  return seed;
}

function hexId(number: number, digits: number): string {
  return number.toString(16).padStart(digits, "0");
}

function key({ ip, port }: Endpoint): string {
  return `${ip} ${port}`;
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16);
}
