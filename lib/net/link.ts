import { Outbox } from "./outbox.ts";
import { ReadBuffer } from "./read_buffer.ts";
import { ReadGate } from "./read_gate.ts";
import type { UntriedWrites } from "./untried_writes.ts";

/** A TCP connection, as far as a {@linkcode Link} needs one. */
export type TcpConn = Pick<
  Deno.TcpConn,
  | "read"
  | "write"
  | "close"
  | "closeWrite"
  | "setNoDelay"
  | "setKeepAlive"
  | "localAddr"
  | "remoteAddr"
>;

/** Who gets what arrives on a {@linkcode Link}. */
export interface LinkHandler {
  /** Bytes that arrived. The array is reused for the next read: copy what has to last. */
  received(chunk: Uint8Array): void;
  /**
   * What is queued has fallen to `LOW_WATER_BYTES` or less after it was above: more may be sent. Never called from
   * within `send`, nor once the link is ending.
   */
  drained?(): void;
  /** The connection is over, in whatever way; called exactly once. */
  ended(): void;
}

/**
 * How long a connection that we end may take to close once all is written, in milliseconds. Closing at once
 * would answer bytes still arriving with a reset, which can destroy our last ones.
 */
const LINGER_MS = 1_000;
/** How long it may take none of the bytes that are still queued for it, in milliseconds. */
const STALL_MS = 5_000;

/** One TCP connection: reads handed to a handler, writes through an {@linkcode Outbox}. */
export class Link implements AsyncDisposable {
  readonly #conn: TcpConn;
  readonly #outbox: Outbox;
  readonly #gate: ReadGate | undefined;
  /** Of this link alone; made when it is first paused. */
  #pause: ReadGate | undefined;
  readonly #buffer = new ReadBuffer();
  #handler: LinkHandler | undefined;
  #closing = false;
  /** Nothing arrives any more: both halves are closed at once, without anybody waiting. */
  #isAtEnd = false;
  #closed = false;
  #isOver = false;
  /** Made when somebody asks. */
  #over: PromiseWithResolvers<void> | undefined;
  #linger: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param untried is told of writes
   * @param gate what was read waits for it
   */
  constructor(conn: TcpConn, untried?: UntriedWrites, gate?: ReadGate) {
    this.#conn = conn;
    this.#gate = gate;
    this.#outbox = new Outbox(conn, { untried, onLowWater: () => this.#drained() });
    try {
      conn.setNoDelay(true);
      // When the first probe is sent is the system's to say (Linux: after two hours): `Deno` has no way to.
      conn.setKeepAlive(true);
    } catch {
      // Already reset by the other side: the first read says so.
    }
  }

  /** The other side's address as the system reports it. */
  get remoteAddr(): Deno.NetAddr {
    return this.#conn.remoteAddr;
  }

  /** Our own end's address. */
  get localAddr(): Deno.NetAddr {
    return this.#conn.localAddr;
  }

  /** Bytes that the system has not taken yet. */
  get queued(): number {
    return this.#outbox.queued;
  }

  /** Resolves when the connection is closed and its handler told. */
  get closed(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    this.#over ??= Promise.withResolvers<void>();
    return this.#over.promise;
  }

  /** Starts to read; call it once. */
  start(handler: LinkHandler): void {
    if (this.#handler) throw new TypeError("Cannot start a link twice");
    this.#handler = handler;
    this.#read();
  }

  /** Queues `bytes`: never blocks, never reorders. Ignored once the link is ending. */
  send(bytes: Uint8Array): void {
    if (!this.#closing) this.#outbox.send(bytes);
  }

  /** Hands over nothing more until {@linkcode resume}: the other side has to wait once what lies between is full. */
  pause(): void {
    if (this.#closed) return;
    this.#pause ??= new ReadGate();
    this.#pause.close();
  }

  /** Hands over what came meanwhile, and reads on. */
  resume(): void {
    this.#pause?.open();
  }

  /** Ends the link once all that is queued is written. What still arrives is not handed over. */
  end(): void {
    this.#finish();
  }

  /** Ends the link without what is queued, but for `last`, which is told if the other side reads. */
  cut(last?: Uint8Array): void {
    if (this.#closing) return;
    this.#outbox.replace(last);
    this.#finish();
  }

  /** Closes the socket now. */
  abort(): void {
    if (this.#closed) return;
    this.#closing = true;
    this.#closed = true;
    clearTimeout(this.#linger);
    this.#conn.close();
    // Who waits there would never see the end.
    this.#pause?.open();
    // A link that never started has no read loop to notice.
    if (!this.#handler) this.#isClosed();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.abort();
    return this.closed;
  }

  async #finish(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#outbox.queued > 0) {
      this.#abortIfStalled();
      await this.#outbox.drained();
    }
    if (this.#closed || this.#isAtEnd) return;
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => this.abort(), LINGER_MS);
    try {
      await this.#conn.closeWrite();
    } catch {
      this.abort();
    }
  }

  /** Gives up on a peer that reads nothing; one that reads slowly gets all. */
  #abortIfStalled(): void {
    const before = this.#outbox.written;
    this.#linger = setTimeout(() => {
      if (this.#outbox.written === before) this.abort();
      else this.#abortIfStalled();
    }, STALL_MS);
  }

  #drained(): void {
    if (!this.#closing) this.#handler?.drained?.();
  }

  /** No loop with `await`: each of 5,000 links that wait for bytes would keep half a kilobyte more. */
  #read(): void {
    // A read that fails, be it by a reset or by our own close, is an end like any other.
    this.#conn.read(this.#buffer.bytes).then((count) => this.#arrived(count), () => this.#ended());
  }

  async #arrived(count: number | null): Promise<void> {
    if (count === null) return this.#ended();
    const chunk = this.#buffer.bytes.subarray(0, count);
    if (this.#gate?.isClosed) await this.#gate.passed(() => this.#received(chunk));
    else this.#received(chunk);
    if (this.#pause?.isClosed) await this.#pause.passed(() => {});
    this.#buffer.fit(count);
    this.#read();
  }

  #received(chunk: Uint8Array): void {
    if (!this.#closing) this.#handler?.received(chunk);
  }

  async #ended(): Promise<void> {
    this.#isAtEnd = true;
    this.#handler?.ended();
    await this.#finish();
    await this.#outbox.drained();
    this.abort();
    this.#isClosed();
  }

  #isClosed(): void {
    this.#isOver = true;
    this.#over?.resolve();
  }
}
