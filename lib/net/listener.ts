import { steadyNow } from "./alarm.ts";
import { Link } from "./link.ts";
import { ReadGate } from "./read_gate.ts";
import { UntriedWrites } from "./untried_writes.ts";

/**
 * Connections that may wait to be accepted; the system has its own bound below that (Linux: 4,096, too). After
 * a restart all clients come back at once, and who finds no place tries again a second later at the earliest.
 */
const BACKLOG = 4_096;

/**
 * Pause before the next try when the system has no more file descriptors, in milliseconds: long enough
 * not to spin, short enough that nobody who is let in then has waited a noticeable time.
 */
const ACCEPT_RETRY_MS = 100;

/**
 * Without a failure for so long, in milliseconds, the next one begins another run. A success in between does not
 * end it: at the limit of file descriptors, each one that is freed gives one.
 */
const RUN_OVER_MS = 1_000;

/** What to do with connections, and with trouble in getting them. */
export interface ListenerHandler {
  /** A new connection; the handler owns it. */
  accepted(link: Link): void;
  /** Accepting failed and is tried again; told once for each run of failures. */
  acceptFailed(error: Error): void;
}

/** Accepts TCP connections until it is closed, also through times without file descriptors. */
export class Listener implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #handler: ListenerHandler;
  readonly #untried = new UntriedWrites();
  readonly #gate = new ReadGate();
  readonly #over: Promise<void>;
  #closed = false;
  #retry: { timer: ReturnType<typeof setTimeout>; wake: () => void } | undefined;

  /**
   * Listens at once.
   *
   * @param port 0 lets the system choose; {@linkcode addr} tells
   * @throws {Deno.errors.AddrInUse} and others of `Deno.listen`
   */
  constructor(hostname: string, port: number, handler: ListenerHandler) {
    this.#listener = Deno.listen({ hostname, port, tcpBacklog: BACKLOG });
    this.#handler = handler;
    this.#over = this.#acceptAll();
  }

  /** Where this listens. */
  get addr(): Deno.NetAddr {
    return this.#listener.addr;
  }

  /**
   * Runs `then` as soon as the writes that were begun on this listener's links were all tried, but never
   * before the microtasks of now. A fan-out that waits for this is not cut into pieces by the runtime.
   */
  afterWrites(then: () => void): void {
    this.#untried.whenNone(then);
  }

  /**
   * What arrives on this listener's links waits until {@linkcode Listener.resumeReads}. Who fans out a lot says so: else
   * all that has arrived in one moment would be queued for everybody before anything of it could be written.
   */
  pauseReads(): void {
    this.#gate.close();
  }

  /** What has waited is handed over, and what arrives. */
  resumeReads(): void {
    this.#gate.open();
  }

  /** Stops accepting; connections already accepted live on. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener.close();
    clearTimeout(this.#retry?.timer);
    this.#retry?.wake();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return this.#over;
  }

  async #acceptAll(): Promise<void> {
    let lastFailure = -Infinity;
    while (!this.#closed) {
      try {
        const conn = await this.#listener.accept();
        this.#handler.accepted(new Link(conn, this.#untried, this.#gate));
      } catch (error) {
        if (this.#closed) return;
        // Per connection trouble (reset before accepted) and EMFILE alike: nobody else may notice.
        const now = steadyNow();
        if (now - lastFailure > RUN_OVER_MS) this.#handler.acceptFailed(error as Error);
        lastFailure = now;
        await this.#pause();
      }
    }
  }

  #pause(): Promise<void> {
    return new Promise((wake) => {
      this.#retry = { timer: setTimeout(wake, ACCEPT_RETRY_MS), wake };
    });
  }
}
