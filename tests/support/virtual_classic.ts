import type { Endpoint } from "../../lib/protocol/address.ts";
import { encodeUtf8 } from "../../lib/protocol/utf8.ts";
import type { Pipe, VirtualClient, VirtualWorld } from "./virtual_world.ts";

/** One way through the world takes so long, in milliseconds. */
const DELAY = 5;

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

  /** Leaves the room; its chat goes on. */
  leave(): void {
    this.#registry?.end();
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

function key({ ip, port }: Endpoint): string {
  return `${ip} ${port}`;
}
