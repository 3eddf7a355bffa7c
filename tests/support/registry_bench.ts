import type { Dialect } from "../../lib/protocol/dialect.ts";
import { encodeFrame, FrameDecoder } from "../../lib/protocol/frame.ts";
import { encodeLine } from "../../lib/protocol/line.ts";
import { encodeUtf8 } from "../../lib/protocol/utf8.ts";
import { DEFAULT_LIMITS, type RegistryLimits } from "../../lib/registry/limits.ts";
import { Registry, type RegistryEvent, type SessionLink } from "../../lib/registry/registry.ts";

/** A registry without sockets, with a manual clock. */
export class RegistryBench {
  readonly registry: Registry;
  readonly events: RegistryEvent[] = [];
  now = 1_000_000;
  #flushes: (() => void)[] = [];

  constructor(limits: Partial<RegistryLimits> = {}) {
    this.registry = new Registry(
      { ...DEFAULT_LIMITS, ...limits },
      (event) => this.events.push(event),
      (flush) => this.#flushes.push(flush),
    );
  }

  /** A new connection. */
  connect(dialect: Dialect, ip = "127.0.0.1"): BenchClient {
    return new BenchClient(this, dialect, ip);
  }

  /** A new connection that has registered and read what it was told. */
  join(username: string, dialect: Dialect = "framed", ip = "127.0.0.1"): BenchClient {
    const client = this.connect(dialect, ip);
    client.say(`REGISTER:${username}:${ip.includes(":") ? `[${ip}]` : ip}:5001`);
    client.heard();
    return client;
  }

  /** Ends the turn: what was delivered is written. */
  flush(): void {
    for (const flush of this.#flushes.splice(0)) flush();
  }

  /** Lets time pass, with the timers that fall into it. */
  pass(ms: number): void {
    this.flush();
    const until = this.now + ms;
    for (;;) {
      const at = this.registry.nextTimeout();
      if (at === undefined || at > until) break;
      this.now = at;
      this.registry.timeout(at);
    }
    this.now = until;
    this.flush();
  }
}

/** One client of a {@linkcode RegistryBench}, and what reached it. */
export class BenchClient implements SessionLink {
  readonly #bench: RegistryBench;
  readonly #dialect: Dialect;
  readonly #id: number;
  readonly #decoder = new FrameDecoder();
  /** A classic line that has not ended; unlike a client's own lines, those of LIST have no limit. */
  #line = "";
  #heard: string[] = [];
  /** Set: the client does not read, and its bytes wait. */
  stalled: Uint8Array[] | undefined;
  /** Whether the registry has ended the connection. */
  closed = false;

  constructor(bench: RegistryBench, dialect: Dialect, ip: string) {
    this.#bench = bench;
    this.#dialect = dialect;
    this.#id = bench.registry.open(this, ip, bench.now);
  }

  /** Sends one message in the client's dialect. */
  say(message: string): void {
    this.raw(this.#dialect === "framed" ? encodeFrame(message) : encodeLine(message));
  }

  /** Sends bytes. */
  raw(bytes: Uint8Array | string): void {
    const chunk = typeof bytes === "string" ? encodeUtf8(bytes) : bytes;
    this.#bench.registry.receive(this.#id, chunk, this.#bench.now);
  }

  /** The connection ends: end of file or reset. */
  hangUp(): void {
    this.#bench.registry.ended(this.#id);
  }

  /** What was told since the last call, a message each. */
  heard(): string[] {
    this.#bench.flush();
    return this.#heard.splice(0);
  }

  get queued(): number {
    return (this.stalled ?? []).reduce((sum, { length }) => sum + length, 0);
  }

  send(bytes: Uint8Array): void {
    if (this.closed) throw new Error("written to after its end");
    if (this.stalled) this.stalled.push(bytes);
    else this.#read(bytes);
  }

  end(): void {
    this.closed = true;
  }

  cut(last?: Uint8Array): void {
    this.stalled = undefined;
    if (last) this.send(last);
    this.closed = true;
  }

  #read(bytes: Uint8Array): void {
    if (this.#dialect === "classic") {
      const lines = (this.#line + new TextDecoder().decode(bytes)).split("\r\n");
      this.#line = lines.pop() ?? "";
      this.#heard.push(...lines);
      return;
    }
    this.#decoder.push(bytes);
    for (let part = this.#decoder.next(); part; part = this.#decoder.next()) {
      this.#heard.push(new TextDecoder().decode(part));
    }
  }
}
