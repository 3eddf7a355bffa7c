import { concatBytes } from "../../lib/protocol/bytes.ts";
import { encodeFrame, FrameDecoder } from "../../lib/protocol/frame.ts";

/** A bare TCP connection that carries frames, and can stop to read. */
export class FramedSocket {
  readonly #conn: Deno.TcpConn;
  readonly #waiting: Uint8Array[] = [];
  #writing = false;
  #paused: PromiseWithResolvers<void> | undefined;
  #closed = false;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** `undefined` if nobody takes it. */
  static async connect(port: number): Promise<FramedSocket | undefined> {
    try {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      conn.setNoDelay(true);
      return new FramedSocket(conn);
    } catch {
      return undefined;
    }
  }

  /** Queues frames; what cannot be written any more is lost. */
  send(...payloads: string[]): void {
    this.#waiting.push(...payloads.map((payload) => encodeFrame(payload)));
    if (!this.#writing) this.#write();
  }

  /** Hands over each payload until the connection ends, in whatever way; nothing after {@linkcode close}. */
  async readAll(heard: (payload: string) => void): Promise<void> {
    const decoder = new FrameDecoder();
    const utf8 = new TextDecoder("utf-8", { fatal: true });
    const buffer = new Uint8Array(65_536);
    for (;;) {
      await this.#paused?.promise;
      const count = await this.#conn.read(buffer).catch(() => null);
      if (count === null || this.#closed) return;
      decoder.push(buffer.subarray(0, count));
      for (let part = decoder.next(); part && !this.#closed; part = decoder.next()) {
        heard(utf8.decode(part));
      }
    }
  }

  pause(): void {
    this.#paused ??= Promise.withResolvers<void>();
  }

  unpause(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  /** Closes it now. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.unpause();
    this.#conn.close();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      while (this.#waiting.length > 0) {
        let rest = concatBytes(this.#waiting.splice(0));
        while (rest.length > 0) rest = rest.subarray(await this.#conn.write(rest));
      }
    } catch {
      // The reading half sees the end.
    }
    this.#writing = false;
  }
}
