import type { ClientCommand } from "../../lib/peer/commands.ts";
import { Engine, type EngineOptions } from "../../lib/peer/engine.ts";
import type { ClientEvent } from "../../lib/peer/events.ts";
import type { LinkId, PeerPort } from "../../lib/peer/port.ts";
import type { Endpoint } from "../../lib/protocol/address.ts";
import { encodeUtf8 } from "../../lib/protocol/utf8.ts";
import { DEFAULT_LIMITS } from "../../lib/registry/limits.ts";
import { Registry } from "../../lib/registry/registry.ts";

/** One way of a TCP connection: bytes arrive in order, after the world's delay. */
interface Pipe {
  deliver(bytes: Uint8Array): void;
  end(): void;
}

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
  registry = newRegistry();
  registryUp = true;
  /** Whether the registry accepts connections and says nothing on them. */
  mute = false;
  fate: DatagramFate = () => DELAY;
  readonly clients: VirtualClient[] = [];
  readonly udp = new Map<string, (bytes: Uint8Array, from: Endpoint) => void>();
  readonly tcp = new Map<string, (from: Endpoint, back: Pipe) => Pipe>();
  #queue: { at: number; order: number; run: () => void }[] = [];
  #order = 0;
  readonly #registryPipes = new Set<Pipe>();
  #ports = 40_000;

  /** A new client at an IP of its own; it begins to connect. */
  add(username: string, options: Partial<EngineOptions> = {}): VirtualClient {
    const client = new VirtualClient(this, username, `10.0.0.${this.clients.length + 1}`, options);
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
      if ((this.registry.nextTimeout() ?? Infinity) <= due) this.registry.timeout(due);
      for (const { engine } of this.clients) {
        if ((engine.nextTimeout() ?? Infinity) <= due) engine.timeout(due);
      }
    }
    this.now = until;
  }

  /** Cuts all connections to the registry and, until it is `up` again, refuses new ones. */
  setRegistry(up: boolean): void {
    this.registryUp = up;
    if (up) this.registry = newRegistry();
    for (const pipe of this.#registryPipes) pipe.end();
    this.#registryPipes.clear();
  }

  /** Connects somebody at `ip` to the registry; `undefined` if it is down. */
  toRegistry(ip: string, back: Pipe): Pipe | undefined {
    if (!this.registryUp) return undefined;
    if (this.mute) return { deliver: () => {}, end: () => {} };
    const { registry } = this;
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

  #due(): number | undefined {
    const times = [
      this.#queue[this.#first()]?.at,
      this.registry.nextTimeout(),
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
  #registry: Pipe | undefined;
  readonly #links = new Map<LinkId, Pipe>();
  readonly #listeners = new Map<string, string>();
  readonly #dialling = new Set<LinkId>();

  constructor(world: VirtualWorld, name: string, ip: string, options: Partial<EngineOptions>) {
    this.#world = world;
    this.name = name;
    this.ip = ip;
    this.#udp = { ip, port: world.newPort() };
    let offers = 0;
    this.engine = new Engine({
      username: name,
      accept: "ask",
      pid: 1,
      random: () => 0.5,
      newOfferId: () =>
        (ip + name + ++offers).split("").map(hex).join("").padEnd(32, "0").slice(-32),
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
    const up = this.#world.toRegistry(this.ip, {
      deliver: (bytes) => this.engine.registryReceived(bytes, this.#world.now),
      end: () => this.engine.registryClosed("the connection ended", this.#world.now),
    });
    this.#registry = up;
    this.#world.after(DELAY, () => {
      if (up) this.engine.registryOpened({ ip: this.ip, udpPort: this.#udp.port });
      else this.engine.registryClosed("no registry", this.#world.now);
    });
  }

  sendRegistry(bytes: Uint8Array): void {
    this.#registry?.deliver(bytes);
  }

  endRegistry(): void {
    this.#registry?.end();
  }

  sendDatagram(bytes: Uint8Array, to: Endpoint): void {
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
    this.#links.get(id)?.deliver(bytes);
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

/** A client of the original program, as `docs/PROTOCOL.md` describes it, in a {@linkcode VirtualWorld}. */
export class VirtualClassic {
  readonly name: string;
  readonly heard: string[] = [];
  readonly #world: VirtualWorld;
  readonly #udp: Endpoint;
  readonly #tcpPort: number;
  readonly #registry: Pipe | undefined;
  /** Where its texts go: the newest connection. */
  #chat: Pipe | undefined;

  constructor(world: VirtualWorld, name: string, ip: string) {
    this.#world = world;
    this.name = name;
    this.#udp = { ip, port: world.newPort() };
    this.#tcpPort = world.newPort();
    world.udp.set(key(this.#udp), (bytes, from) => this.#dial(bytes, from));
    world.tcp.set(key({ ip, port: this.#tcpPort }), (_, back) => {
      this.#chat = back;
      return this.#reader();
    });
    this.#registry = world.toRegistry(ip, { deliver: () => {}, end: () => {} });
    this.#registry?.deliver(encodeUtf8(`REGISTER:${name}:${ip}:${this.#udp.port}\r\n`));
  }

  /** Sends its offer, once, as `/start` of the original does. */
  start(peer: VirtualClient, to: Endpoint = peer.address): void {
    const offer = { type: "tcp_port_info", username: this.name, "tcp_port": this.#tcpPort };
    const delay = this.#world.fate(this.#udp, to);
    if (delay === undefined) return;
    const bytes = encodeUtf8(JSON.stringify(offer));
    this.#world.after(delay, () => this.#world.udp.get(key(to))?.(bytes, this.#udp));
  }

  say(text: string): void {
    this.#chat?.deliver(encodeUtf8(text));
  }

  hangUp(): void {
    this.#chat?.end();
    this.#registry?.end();
  }

  #dial(bytes: Uint8Array, from: Endpoint): void {
    const { "tcp_port": port } = JSON.parse(new TextDecoder().decode(bytes));
    this.#world.after(DELAY, () => {
      const accept = this.#world.tcp.get(key({ ip: from.ip, port }));
      if (!accept) return;
      this.#chat = this.#world.later(accept(this.#udp, this.#world.later(this.#reader())));
      this.#chat.deliver(encodeUtf8(this.name));
    });
  }

  #reader(): Pipe {
    return {
      deliver: (bytes) => this.heard.push(new TextDecoder().decode(bytes)),
      end: () => {
        this.heard.push("(closed)");
        // Its reader closes whatever is the newest to that name by the time it gets to it.
        this.#world.after(20, () => {
          this.#chat?.end();
          this.#chat = undefined;
        });
      },
    };
  }
}

function newRegistry(): Registry {
  return new Registry({ ...DEFAULT_LIMITS, maxPerIp: 0 }, () => {}, (flush) => flush());
}

function key({ ip, port }: Endpoint): string {
  return `${ip} ${port}`;
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16);
}
