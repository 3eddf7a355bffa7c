import { identityOf } from "../../lib/crypto/identity.ts";
import { keyPair } from "../../lib/crypto/x25519.ts";
import type { ClientCommand } from "../../lib/peer/commands.ts";
import { Engine, type EngineOptions } from "../../lib/peer/engine.ts";
import type { ClientEvent } from "../../lib/peer/events.ts";
import type { LinkId, PeerPort } from "../../lib/peer/port.ts";
import type { Endpoint } from "../../lib/protocol/address.ts";
import { encodeFrame, FrameDecoder } from "../../lib/protocol/frame.ts";
import { decodeUtf8, encodeUtf8 } from "../../lib/protocol/utf8.ts";
import { RegistryPin } from "../../lib/store/registry_pin.ts";
import { MemoryStore, type Store } from "../../lib/store/store.ts";
import { TrustBook } from "../../lib/store/trust_book.ts";
import { Cable, DELAY, type Pipe } from "./virtual_pipe.ts";
import type { NatHost } from "./virtual_nat.ts";
import type { VirtualWorld } from "./virtual_world.ts";

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
export class VirtualClient implements PeerPort, NatHost {
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
  /** What the connection to the registry runs over. */
  cable = new Cable();
  /** Whether it reaches no registry, as when its own network is down. */
  unplugged = false;
  readonly #links = new Map<LinkId, Pipe>();
  readonly #listeners = new Map<string, string>();
  readonly #dialling = new Set<LinkId>();
  readonly #probes = new Map<LinkId, number>();

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
      relay: "never",
      trust: new TrustBook(store),
      registryPin: new RegistryPin(store, server, 1337, trustRegistry),
      pid: 1,
      random: () => 0.5,
      newId: () =>
        `${++ids}/${run}${name}${ip}`.split("").map(hex).join("").padEnd(32, "0").slice(0, 32),
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
    const cable = this.cable = new Cable();
    // Of a connection that was given up nothing is handed over any more, as with sockets.
    const isOurs = (): boolean => this.cable === cable;
    const up = this.unplugged ? undefined : this.#world.toRegistry(
      this.ip,
      {
        deliver: (bytes) => {
          for (const part of isOurs() ? this.#rewritten(decoder, bytes) : []) {
            this.engine.registryReceived(part, this.#world.now);
          }
        },
        end: () => {
          if (isOurs()) this.engine.registryClosed("the connection ended", this.#world.now);
        },
      },
      this.registryHost,
      cable,
    );
    this.#registry = up;
    this.#world.after(DELAY, () => {
      if (!isOurs()) return;
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
    if (this.#world.nat) return this.#sendThroughNat(bytes, to);
    const delay = this.#world.fate(this.#udp, to);
    if (delay === undefined) return;
    this.#world.after(delay, () => this.#world.udp.get(key(to))?.(bytes, this.#udp));
  }

  #sendThroughNat(bytes: Uint8Array, to: Endpoint): void {
    const world = this.#world;
    const way = world.nat?.datagram(this, this.#udp.port, to);
    if (!way) return;
    world.after(
      DELAY,
      () => world.udp.get(key({ ip: way.to.ip, port: to.port }))?.(bytes, way.from),
    );
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
    if (world.nat) return this.#dialThroughNat(id, world.newPort(), to);
    this.#dialling.add(id);
    const fate = world.dialFate(this.ip, to);
    if (fate === "silence") return;
    world.after(DELAY, () => {
      // As a socket does: an attempt that was given up comes to nothing.
      if (!this.#dialling.delete(id)) return this.engine.linkEnded(id, world.now);
      const accept = fate === "connect" ? world.tcp.get(key(to)) : undefined;
      if (!accept) return this.engine.linkEnded(id, world.now, "refused");
      const there = accept({ ip: this.ip, port: 1 }, world.later(this.#receiver(id)));
      this.#links.set(id, world.later(there));
      world.after(DELAY, () => this.engine.linkOpened(id, world.now));
    });
  }

  #dialThroughNat(id: LinkId, port: number, to: Endpoint): void {
    const world = this.#world;
    this.#dialling.add(id);
    world.nat?.dial({
      ...{ id, host: this, port, to },
      refused: () => {
        this.#dialling.delete(id);
        this.engine.linkEnded(id, world.now, "refused");
      },
      accepted: (host, from) => {
        const there = this.#dialling.delete(id) &&
          world.tcp.get(key({ ip: host.ip, port: to.port }))?.(
            from,
            world.later(this.#receiver(id)),
          );
        if (!there) return this.engine.linkEnded(id, world.now, "refused");
        this.#links.set(id, world.later(there));
        this.engine.linkOpened(id, world.now);
      },
      met: (other) => {
        const peer = world.clients.find((client) => client === other.host);
        if (peer) this.#meets(id, peer, other.id);
      },
    });
  }

  /** Both have dialled each other: their two dials are one connection. */
  #meets(id: LinkId, peer: VirtualClient, theirs: LinkId): void {
    const world = this.#world;
    this.#dialling.delete(id);
    peer.#dialling.delete(theirs);
    this.#links.set(id, world.later(peer.#receiver(theirs)));
    peer.#links.set(theirs, world.later(this.#receiver(id)));
    this.engine.linkOpened(id, world.now);
    peer.engine.linkOpened(theirs, world.now);
  }

  accepts(port: number): boolean {
    return this.#world.tcp.has(key({ ip: this.ip, port }));
  }

  observe(probe: LinkId): void {
    const world = this.#world;
    const port = world.newPort();
    this.#probes.set(probe, port);
    const seen = world.nat?.seen(this, port);
    world.after(4 * DELAY, () => this.engine.observed(probe, seen, world.now));
  }

  unobserve(probe: LinkId): void {
    this.#probes.delete(probe);
  }

  punch(id: LinkId, probe: LinkId, to: Endpoint): void {
    const port = this.#probes.get(probe);
    this.#world.dials.push({ from: this.name, to });
    if (port !== undefined && this.#world.nat) return this.#dialThroughNat(id, port, to);
    this.#world.after(DELAY, () => this.engine.linkEnded(id, this.#world.now, "refused"));
  }

  sendLink(id: LinkId, bytes: Uint8Array): boolean {
    for (const part of this.#world.tap(bytes, this.name)) this.#links.get(id)?.deliver(part);
    return true;
  }

  pauseLink(): void {}

  queued(): number {
    return this.queuedBytes;
  }

  endLink(id: LinkId): void {
    this.#dialling.delete(id);
    this.#world.nat?.cancel(id, this);
    this.#links.get(id)?.end();
    this.#links.delete(id);
  }

  /** All its private connections are lost at once, with what is under way. */
  cutLinks(): void {
    for (const id of [...this.#links.keys()]) {
      this.#links.get(id)?.end();
      this.#links.delete(id);
      this.engine.linkEnded(id, this.#world.now);
    }
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

function key({ ip, port }: Endpoint): string {
  return `${ip} ${port}`;
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16);
}
