/**
 * A TCP proxy that does to connections what networks do to them: closes, resets, stalls, dribbles. Nothing in it takes
 * time: who uses it says after how many bytes a fault comes, and by which event a stall ends.
 *
 * @module
 */
import net from "node:net";

/** `up`: towards the registry; `down`: towards the client. */
export type Way = "up" | "down";

const BOTH_WAYS: readonly Way[] = ["up", "down"];

/** One client's connection through the proxy. */
export class Passage {
  readonly #near: net.Socket;
  readonly #far: net.Socket;
  readonly #pipes: Readonly<Record<Way, Pipe>>;
  readonly #over = Promise.withResolvers<void>();
  #broken = false;

  /** Use {@linkcode FaultProxy.start}. */
  constructor(near: net.Socket, far: net.Socket) {
    this.#near = near;
    this.#far = far;
    this.#pipes = { up: new Pipe(near, far), down: new Pipe(far, near) };
    const closings = [[near, far], [far, near]].map(([one, other]) =>
      new Promise<void>((resolve) =>
        one?.once("close", (failed: boolean) => {
          // A reset goes on to the other side; a clean end has been forwarded by then.
          if (failed) other?.resetAndDestroy();
          resolve();
        })
      )
    );
    Promise.all(closings).then(() => this.#over.resolve());
  }

  /** Whether both sides are connected and nothing has been broken yet. */
  get whole(): boolean {
    return !this.#broken && !this.#far.connecting && !this.#near.destroyed &&
      !this.#far.destroyed &&
      BOTH_WAYS.every((way) => this.#pipes[way].open);
  }

  /** Resolves when both sockets are closed. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Bytes forwarded so far. */
  forwarded(way: Way): number {
    return this.#pipes[way].forwarded;
  }

  /** Does `act` once `bytes` more have gone that way, be that in the middle of a frame; in place of one set before. */
  after(way: Way, bytes: number, act: () => void): void {
    this.#pipes[way].after(bytes, act);
  }

  /** Ends both sides cleanly (FIN); what was on its way is lost. */
  close(): void {
    for (const way of BOTH_WAYS) this.end(way);
  }

  /** Ends one direction cleanly: its sender does not notice, its receiver has read the last byte. */
  end(way: Way): void {
    this.#broken = true;
    this.#pipes[way].end();
  }

  /** Resets both sides (RST). */
  reset(): void {
    this.#broken = true;
    for (const way of BOTH_WAYS) this.#pipes[way].end();
    this.#near.resetAndDestroy();
    this.#far.resetAndDestroy();
  }

  /** Forwards nothing more that way until {@linkcode release}; also no end. */
  stall(way: Way): void {
    this.#pipes[way].stall();
  }

  /** Ends all stalls. */
  release(): void {
    for (const way of BOTH_WAYS) this.#pipes[way].release();
  }

  /** Forwards the next `bytes` that way in writes of `piece` bytes. */
  dribble(way: Way, piece: number, bytes: number): void {
    this.#pipes[way].dribble(piece, bytes);
  }
}

/** Stands before a registry; clients connect to {@linkcode FaultProxy.port}. */
export class FaultProxy implements AsyncDisposable {
  readonly #server: net.Server;
  readonly #passages = new Set<Passage>();
  /** Who connected while there was nowhere to go. */
  readonly #parked = new Set<net.Socket>();
  readonly #opened: (passage: Passage) => void;
  #target: number | undefined;
  #refusals = 0;

  private constructor(server: net.Server, target: number, opened: (passage: Passage) => void) {
    this.#server = server;
    this.#target = target;
    this.#opened = opened;
    server.on("connection", (near) => this.#accept(near));
  }

  /**
   * Listens on loopback.
   *
   * @param target the registry's port
   * @param opened called for each new connection, before anything is forwarded
   */
  static async start(
    target: number,
    opened: (passage: Passage) => void = () => {},
  ): Promise<FaultProxy> {
    // Both halves of a connection end by themselves; we start to read when there is somewhere to go.
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
    const listening = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", 511, () => listening.resolve());
    await listening.promise;
    return new FaultProxy(server, target, opened);
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new TypeError("Cannot tell a port");
    return address.port;
  }

  /**
   * The registry is gone: its connections break by themselves. The next `refusals` newcomers are reset, those after
   * them wait for {@linkcode lead}, so that who tries again at once does not spin.
   */
  strand(refusals: number): void {
    this.#target = undefined;
    this.#refusals = refusals;
  }

  /** From now on to this port; so do those who wait. */
  lead(target: number): void {
    this.#target = target;
    for (const near of this.#parked) this.#join(near, target);
    this.#parked.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    for (const near of this.#parked) near.destroy();
    const passages = [...this.#passages];
    for (const passage of passages) passage.reset();
    await Promise.all(passages.map((passage) => passage.over));
    await closed.promise;
  }

  #accept(near: net.Socket): void {
    // The close that follows each error is what counts.
    near.on("error", () => {});
    if (this.#target !== undefined) this.#join(near, this.#target);
    else if (this.#refusals-- > 0) near.resetAndDestroy();
    else {
      this.#parked.add(near);
      near.once("close", () => this.#parked.delete(near));
    }
  }

  #join(near: net.Socket, target: number): void {
    const far = net.connect({ host: "127.0.0.1", port: target, allowHalfOpen: true });
    far.on("error", () => {});
    const passage = new Passage(near, far);
    this.#passages.add(passage);
    passage.over.then(() => this.#passages.delete(passage));
    this.#opened(passage);
  }
}

/** One direction of a passage: at most one chunk held, so that a stall reaches back to the sender. */
class Pipe {
  readonly #source: net.Socket;
  readonly #sink: net.Socket;
  #held: Uint8Array = new Uint8Array(0);
  #writing = false;
  #stalled = false;
  #sourceEnded = false;
  #ended = false;
  #trap: { left: number; readonly act: () => void } | undefined;
  #dribble = { piece: Infinity, left: 0 };
  forwarded = 0;

  constructor(source: net.Socket, sink: net.Socket) {
    this.#source = source;
    this.#sink = sink;
    source.setNoDelay(true);
    source.on("data", (chunk: Uint8Array) => {
      if (this.#ended) return;
      this.#held = chunk;
      source.pause();
      this.#pump();
    });
    source.once("end", () => {
      this.#sourceEnded = true;
      this.#pump();
    });
    source.resume();
  }

  get open(): boolean {
    return !this.#ended;
  }

  after(bytes: number, act: () => void): void {
    this.#trap = { left: bytes, act };
    this.#spring();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sink.end();
    // What still comes is read and dropped, so that the end behind it is seen.
    this.#source.resume();
  }

  stall(): void {
    this.#stalled = true;
  }

  release(): void {
    this.#stalled = false;
    this.#pump();
  }

  dribble(piece: number, bytes: number): void {
    this.#dribble = { piece, left: bytes };
  }

  #pump(): void {
    if (this.#ended || this.#stalled || this.#writing) return;
    if (this.#held.length === 0) {
      if (this.#sourceEnded) this.end();
      else this.#source.resume();
      return;
    }
    const piece = this.#dribble.left > 0 ? this.#dribble.piece : Infinity;
    const count = Math.min(this.#held.length, piece, this.#trap?.left ?? Infinity);
    this.#writing = true;
    this.#sink.write(this.#held.subarray(0, count), () => this.#forwarded(count));
    this.#held = this.#held.subarray(count);
  }

  #forwarded(count: number): void {
    this.#writing = false;
    this.forwarded += count;
    this.#dribble.left -= count;
    if (this.#trap) this.#trap.left -= count;
    this.#spring();
    this.#pump();
  }

  #spring(): void {
    if (!this.#trap || this.#trap.left > 0) return;
    const { act } = this.#trap;
    this.#trap = undefined;
    act();
  }
}
