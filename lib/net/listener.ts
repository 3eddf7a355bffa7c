import { Link } from "./link.ts";

/**
 * Pause before the next try when the system has no more file descriptors, in milliseconds: long enough
 * not to spin, short enough that nobody who is let in then has waited a noticeable time.
 */
const ACCEPT_RETRY_MS = 100;

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
    this.#listener = Deno.listen({ hostname, port });
    this.#handler = handler;
    this.#over = this.#acceptAll();
  }

  /** Where this listens. */
  get addr(): Deno.NetAddr {
    return this.#listener.addr;
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
    let failing = false;
    while (!this.#closed) {
      try {
        const conn = await this.#listener.accept();
        failing = false;
        this.#handler.accepted(new Link(conn));
      } catch (error) {
        if (this.#closed) return;
        // Per connection trouble (reset before accepted) and EMFILE alike: nobody else may notice.
        if (!failing) this.#handler.acceptFailed(error as Error);
        failing = true;
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
