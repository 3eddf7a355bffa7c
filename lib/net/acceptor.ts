import { Alarm, steadyNow, type Timed } from "./alarm.ts";
import type { Link } from "./link.ts";
import { Listener } from "./listener.ts";

/** A machine that others connect to. */
export interface Served extends Timed {
  receive(id: number, chunk: Uint8Array, now: number): void;
  ended(id: number, now: number): void;
  /** Whether what arrives should wait until what it wants written is written out: {@linkcode Acceptor.fanOut}. */
  readonly isFull?: boolean;
  /** What waited for it is mostly written: there is room for more. */
  drained?(id: number, now: number): void;
}

/** What an {@linkcode Acceptor} is made of. */
export interface AcceptorParts {
  readonly machine: Served;
  /** Takes a connection; `undefined`: it is not wanted. */
  readonly open: (link: Link, now: number) => number | undefined;
  /** Told once for each run of failures. */
  readonly acceptFailed: (error: Error) => void;
  /** The machine threw, which it never should: one connection is ended, and all others go on. */
  readonly failed: (error: unknown) => void;
}

/** One listening port, its connections, and the machine they belong to. */
export class Acceptor {
  readonly #parts: AcceptorParts;
  readonly #listener: Listener;
  readonly #alarm: Alarm;
  readonly #links = new Set<Link>();

  /** @throws {Deno.errors.AddrInUse} and others of `Deno.listen` */
  constructor(hostname: string, port: number, parts: AcceptorParts) {
    this.#parts = parts;
    this.#alarm = new Alarm(parts.machine);
    this.#listener = new Listener(hostname, port, {
      accepted: (link) => this.#accepted(link),
      acceptFailed: parts.acceptFailed,
    });
  }

  /** Where it listens. */
  get addr(): { readonly hostname: string; readonly port: number } {
    const { hostname, port } = this.#listener.addr;
    return { hostname, port };
  }

  /** Open connections. */
  get size(): number {
    return this.#links.size;
  }

  /** Runs `flush` once what has been written so far was tried, but not before the turn is over. */
  fanOut(flush: () => void): void {
    this.#listener.afterWrites(() => {
      flush();
      this.#listener.resumeReads();
      // What was written may want to be woken for the rest of it.
      this.#alarm.update();
    });
  }

  /** Accepts no more. */
  close(): Promise<void> {
    return this.#listener[Symbol.asyncDispose]();
  }

  /**
   * Waits until all connections are over, and aborts those that are not after `patience` milliseconds.
   *
   * @param end has the machine end them
   * @returns whether none had to be aborted
   */
  async drain(end: () => void, patience: number): Promise<boolean> {
    const deadline = Promise.withResolvers<boolean>();
    // Before `end`: a link gives up by itself on who has read nothing for as long, which is no flush.
    const timer = setTimeout(() => deadline.resolve(false), patience);
    end();
    const flushed = await Promise.race([this.#closed().then(() => true), deadline.promise]);
    clearTimeout(timer);
    await this.abort();
    return flushed;
  }

  /** Ends all connections now. */
  async abort(): Promise<void> {
    for (const link of this.#links) link.abort();
    await this.#closed();
    this.#alarm.cancel();
  }

  async #closed(): Promise<void> {
    await Promise.all(Array.from(this.#links, (link) => link.closed));
  }

  #accepted(link: Link): void {
    const { machine, open } = this.#parts;
    const id = open(link, steadyNow());
    if (id === undefined) return link.abort();
    this.#links.add(link);
    link.start({
      received: (chunk) => {
        this.#handle(link, () => machine.receive(id, chunk, steadyNow()));
        if (machine.isFull) this.#listener.pauseReads();
      },
      ended: () => {
        this.#handle(link, () => machine.ended(id, steadyNow()));
        link.closed.then(() => this.#links.delete(link));
      },
      drained: () => this.#handle(link, () => machine.drained?.(id, steadyNow())),
    });
    this.#alarm.update();
  }

  #handle(link: Link, input: () => void): void {
    try {
      input();
    } catch (error) {
      link.abort();
      this.#parts.failed(error);
    }
    this.#alarm.update();
  }
}
