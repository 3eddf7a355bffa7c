import type { Identity } from "../../lib/crypto/identity.ts";
import { encodeFrame, FrameDecoder } from "../../lib/protocol/frame.ts";
import { holdOf, KEYS } from "../../lib/protocol/keyed.ts";
import { Inbox } from "./eventually.ts";

/** A bare TCP connection to a registry that collects what it is told. */
export class RawClient implements AsyncDisposable {
  readonly #conn: Deno.TcpConn;
  readonly #reading: Promise<void>;
  readonly dialect: "framed" | "classic";
  /** Each message that arrived, and `(closed)` at the end. */
  readonly heard: Inbox<string>;
  /** From the registry's CAPS. */
  registryKey = "";
  capabilities = "";

  private constructor(conn: Deno.TcpConn, dialect: "framed" | "classic", label: string) {
    this.#conn = conn;
    this.dialect = dialect;
    this.heard = new Inbox(label);
    this.#reading = this.#readAll();
  }

  static async connect(
    port: number,
    dialect: "framed" | "classic",
    hostname = "127.0.0.1",
  ): Promise<RawClient> {
    const conn = await Deno.connect({ hostname, port });
    return new RawClient(conn, dialect, `${dialect} ${conn.localAddr.port}`);
  }

  /** Connects, registers, and waits until it is in. */
  static async join(
    port: number,
    username: string,
    dialect: "framed" | "classic" = "framed",
    hostname = "127.0.0.1",
  ): Promise<RawClient> {
    const client = await RawClient.connect(port, dialect, hostname);
    const ip = hostname.includes(":") ? `[${hostname}]` : hostname;
    await client.say(`REGISTER:${username}:${ip}:5001`);
    await client.hears((line) => line.startsWith("LIST:"), "LIST");
    return client;
  }

  /** Connects, and proves that `username` is `identity`'s; what comes of REGISTER is unread. */
  static async ask(port: number, username: string, identity: Identity): Promise<RawClient> {
    const client = await RawClient.connect(port, "framed");
    const nonce = crypto.getRandomValues(new Uint8Array(16)).toHex();
    await client.say(`CAPS:1:${nonce}:${KEYS}`);
    const caps = await client.hears((line) => line.startsWith("CAPS:"), "CAPS");
    const [, , registryNonce = "", registryKey = ""] = caps.split(":");
    client.registryKey = registryKey;
    client.capabilities = caps.split(":").at(-1) ?? "";
    const hold = holdOf(identity);
    const signed = [registryKey, username, hold, nonce, registryNonce];
    const signature = identity.sign("confab-register-v1", signed);
    await client.say(
      `IDENTITY:${username}:${identity.publicKey}:${hold}:${signature}`,
      `REGISTER:${username}:127.0.0.1:5001`,
    );
    return client;
  }

  /** Sends messages, in one write. */
  say(...messages: string[]): Promise<void> {
    const parts = messages.map((message) =>
      this.dialect === "framed" ? encodeFrame(message) : new TextEncoder().encode(message + "\r\n")
    );
    return this.raw(new Uint8Array(parts.flatMap((part) => [...part])));
  }

  /** Sends bytes. */
  async raw(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.#conn.write(rest));
  }

  /** The next message that is `wanted`, or for which it holds. */
  hears(wanted: string | ((line: string) => boolean), what?: string): Promise<string> {
    return typeof wanted === "string"
      ? this.heard.next((line) => line === wanted, wanted)
      : this.heard.next(wanted, what);
  }

  /** Sends no more; what the registry still sends is read. */
  halfClose(): Promise<void> {
    return this.#conn.closeWrite();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#conn.close();
    } catch {
      // The other side was first.
    }
    await this.#reading;
  }

  async #readAll(): Promise<void> {
    const decoder = new FrameDecoder();
    const utf8 = new TextDecoder();
    const buffer = new Uint8Array(65_536);
    let line = "";
    for (;;) {
      const count = await this.#conn.read(buffer).catch(() => null);
      if (count === null) break;
      if (this.dialect === "classic") {
        const lines = (line + utf8.decode(buffer.subarray(0, count), { stream: true })).split(
          "\r\n",
        );
        line = lines.pop() ?? "";
        for (const each of lines) this.heard.push(each);
        continue;
      }
      decoder.push(buffer.subarray(0, count));
      for (let part = decoder.next(); part; part = decoder.next()) {
        this.heard.push(new TextDecoder().decode(part));
      }
    }
    this.heard.push("(closed)");
  }
}
