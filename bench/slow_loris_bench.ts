/**
 * What 20 users notice of 500 connections that send a byte a second: a broadcast's way to all others, quiet and
 * under attack. Server and all clients are in this one process, so the figures are for comparing with each other.
 *
 * @module
 */
import { startRegistry } from "../mod.ts";
import { encodeFrame, FrameDecoder } from "../lib/protocol/frame.ts";

const USERS = 20;
const LORISES = 500;

const registry = startRegistry({
  hostname: "127.0.0.1",
  port: 0,
  maxPerIp: 0,
  messageRate: 0,
});
const { port } = registry.addr;

/** A user who counts the broadcasts that arrive. */
class User {
  readonly #conn: Deno.TcpConn;
  readonly #decoder = new FrameDecoder();
  readonly #name: string;

  private constructor(conn: Deno.TcpConn, name: string) {
    this.#conn = conn;
    this.#name = name;
  }

  static async join(name: string): Promise<User> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay(true);
    const user = new User(conn, name);
    await conn.write(encodeFrame(`REGISTER:${name}:127.0.0.1:5001`));
    await user.hears("LIST:");
    return user;
  }

  async say(text: string): Promise<void> {
    await this.#conn.write(encodeFrame(`BROADCAST:${this.#name}:${text.length}:${text}`));
  }

  /** Resolves when a message that begins so is there. */
  async hears(start: string): Promise<void> {
    const buffer = new Uint8Array(65_536);
    for (;;) {
      for (let bytes = this.#decoder.next(); bytes; bytes = this.#decoder.next()) {
        if (new TextDecoder().decode(bytes).startsWith(start)) return;
      }
      const count = await this.#conn.read(buffer);
      if (count === null) throw new Error(`${this.#name} was cut`);
      this.#decoder.push(buffer.slice(0, count));
    }
  }
}

/** A connection that sends a frame byte by byte; as soon as it is closed, the next. */
async function loris(connected: () => void): Promise<never> {
  for (;;) {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    connected();
    const drip = setInterval(() => conn.write(Uint8Array.of(0)).catch(() => {}), 1_000);
    await conn.read(new Uint8Array(64)).catch(() => {});
    clearInterval(drip);
    conn.close();
  }
}

const users: User[] = [];
for (let i = 0; i < USERS; i++) users.push(await User.join(`user${i}`));
const [speaker, ...others] = users;
let said = 0;

async function broadcast(): Promise<void> {
  const text = `${++said}`;
  const start = `BROADCAST:user0:${text.length}:${text}`;
  await speaker?.say(text);
  await Promise.all(others.map((user) => user.hears(start)));
}

/** Resolves when all of them are there. */
async function attack(): Promise<void> {
  const ready = Promise.withResolvers<void>();
  let count = 0;
  for (let i = 0; i < LORISES; i++) loris(() => ++count === LORISES && ready.resolve());
  await ready.promise;
}

const group = `a broadcast to ${USERS - 1} others`;
// Longer than a slow-loris lives, so that many of them come and go meanwhile.
const n = 30_000;
let attacked: Promise<void> | undefined;

Deno.bench({ name: "quiet", group, n, baseline: true, fn: broadcast });
Deno.bench({
  name: `with ${LORISES} slow-lorises`,
  group,
  n,
  fn: async () => {
    await (attacked ??= attack());
    await broadcast();
  },
});
