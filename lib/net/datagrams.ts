import { type Endpoint, parseIp } from "../protocol/address.ts";
import { TokenBucket } from "../protocol/token_bucket.ts";
import { steadyNow } from "./alarm.ts";

/** Who gets the datagrams. */
export interface DatagramHandler {
  /** One datagram and where it came from. */
  datagram(bytes: Uint8Array, from: Endpoint): void;
}

/** Where datagrams are read: more than any of ours has, so that a longer one is seen to be longer. */
const READ_BYTES = 2_048;

/** Pause after a failed read, in milliseconds, so that one that fails for good does not spin. */
const ERROR_PAUSE_MS = 10;

/** How a port is read. */
export interface DatagramPortOptions {
  /**
   * Datagrams a second that are read, and a tenth of them at once; what comes faster the system drops. For a port that
   * strangers know: each datagram costs some 15 us, so that a flood would take the whole processor.
   * @default {Infinity}
   */
  readonly perSecond?: number;
}

/** One UDP socket; sending never throws, as a datagram may get lost in any case. */
export class DatagramPort implements AsyncDisposable {
  readonly #socket: Deno.DatagramConn;
  readonly #over: Promise<void>;
  #closed = false;

  /**
   * Binds at once and hands every datagram to `handler`.
   *
   * @throws {Deno.errors.AddrInUse} and others of `Deno.listenDatagram`
   */
  constructor(
    hostname: string,
    port: number,
    handler: DatagramHandler,
    { perSecond = Infinity }: DatagramPortOptions = {},
  ) {
    this.#socket = Deno.listenDatagram({ transport: "udp", hostname, port });
    const burst = perSecond / 10;
    const pace = perSecond < Infinity ? new TokenBucket(perSecond, burst) : undefined;
    this.#over = this.#readAll(handler, async () => {
      const now = steadyNow();
      if (pace && !pace.take(1, now)) await this.#pause(pace.wait(burst, now));
    });
  }

  /** Where this is bound. */
  get addr(): Deno.NetAddr {
    return this.#socket.addr as Deno.NetAddr;
  }

  /** Sends `bytes` to `to` if the system will. */
  async send(bytes: Uint8Array, to: Endpoint): Promise<void> {
    try {
      await this.#socket.send(bytes, { transport: "udp", hostname: to.ip, port: to.port });
    } catch {
      // Unroutable, closed meanwhile, a full buffer: to the sender all are a lost datagram.
    }
  }

  /** Closes the socket. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return this.#over;
  }

  async #readAll(handler: DatagramHandler, paced: () => Promise<void>): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    while (!this.#closed) {
      let received: { bytes: Uint8Array; from: Deno.NetAddr } | undefined;
      try {
        const [bytes, from] = await this.#socket.receive(buffer);
        received = { bytes, from: from as Deno.NetAddr };
      } catch {
        // On some systems an ICMP answer to something sent earlier surfaces here, or a datagram that is
        // longer than the buffer: anybody can cause that, and the socket lives on.
        if (!this.#closed) await this.#pause(ERROR_PAUSE_MS);
      }
      const ip = received && parseIp(received.from.hostname);
      if (received && ip) handler.datagram(received.bytes, { ip, port: received.from.port });
      await paced();
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}
