import { identityOf, newSeed } from "../../lib/crypto/identity.ts";
import { concatBytes } from "../../lib/protocol/bytes.ts";
import { encodeFrame, FrameDecoder } from "../../lib/protocol/frame.ts";
import { Inbox } from "./eventually.ts";

/** What stands for the client's own key in what it is told, one of this run only. */
export const OWN_KEY = "<key>";

/**
 * A registry that checks nothing and tells what a test wants told, to everybody who is connected:
 * for what a good one never sends.
 */
export class FakeRegistry implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #identity = identityOf(newSeed(), false);
  readonly #conns = new Map<Deno.TcpConn, Promise<void>>();
  readonly #accepting: Promise<void>;
  readonly #greet: (register: string) => readonly string[];
  readonly #deaf: boolean;
  #theirKey = "";
  /** Each message that a client has sent. */
  readonly heard = new Inbox<string>("a fake registry");

  /**
   * @param greet what is told to who has sent that `REGISTER` message
   * @param deaf whether nothing is read after it
   */
  constructor(greet: (register: string) => readonly string[], { deaf = false } = {}) {
    this.#greet = greet;
    this.#deaf = deaf;
    this.#accepting = this.#acceptAll();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Sends messages, in one write. */
  async tell(...messages: string[]): Promise<void> {
    for (const conn of this.#conns.keys()) await send(conn, messages);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    for (const [conn, reading] of this.#conns) {
      close(conn);
      await reading;
    }
  }

  /** What is answered to a client's message: it gets as far as REGISTER as with any registry. */
  #answer(message: string): readonly string[] {
    if (message.startsWith("CAPS:")) return [this.#capabilities(message)];
    if (message.startsWith("IDENTITY:")) [, , this.#theirKey = ""] = message.split(":");
    if (!message.startsWith("REGISTER:")) return [];
    return this.#greet(message).map((told) => told.replace(OWN_KEY, `~${this.#theirKey}`));
  }

  #capabilities(theirs: string): string {
    const [, , nonce = ""] = theirs.split(":");
    const [own, told] = ["0".repeat(32), "keys,ephemeral"];
    const signature = this.#identity.sign("confab-registry-v1", [nonce, own, told]);
    return `CAPS:1:${own}:${this.#identity.publicKey}:${signature}:${told}`;
  }

  async #acceptAll(): Promise<void> {
    for await (const conn of this.#listener) this.#conns.set(conn, this.#read(conn));
  }

  async #read(conn: Deno.TcpConn): Promise<void> {
    const decoder = new FrameDecoder();
    const buffer = new Uint8Array(65_536);
    for (;;) {
      const count = await conn.read(buffer).catch(() => null);
      if (count === null) break;
      decoder.push(buffer.subarray(0, count));
      for (let bytes = decoder.next(); bytes; bytes = decoder.next()) {
        const message = new TextDecoder().decode(bytes);
        // Who has gone in the meantime is not to be told anything.
        await send(conn, this.#answer(message)).catch(() => {});
        this.heard.push(message);
        if (this.#deaf && message.startsWith("REGISTER:")) return;
      }
    }
    this.#conns.delete(conn);
    close(conn);
  }
}

async function send(conn: Deno.TcpConn, messages: readonly string[]): Promise<void> {
  let rest = concatBytes(messages.map(encodeFrame));
  while (rest.length > 0) rest = rest.subarray(await conn.write(rest));
}

function close(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch {
    // It was closed already.
  }
}
