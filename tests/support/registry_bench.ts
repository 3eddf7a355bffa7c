import { type Identity, identityOf } from "../../lib/crypto/identity.ts";
import { RESUME } from "../../lib/protocol/delivery.ts";
import { concatBytes } from "../../lib/protocol/bytes.ts";
import type { Dialect } from "../../lib/protocol/dialect.ts";
import { encodeFrame, FrameDecoder } from "../../lib/protocol/frame.ts";
import { holdOf, KEYS } from "../../lib/protocol/keyed.ts";
import { encodeLine } from "../../lib/protocol/line.ts";
import { REPLAY } from "../../lib/protocol/replay.ts";
import { encodeUtf8 } from "../../lib/protocol/utf8.ts";
import { Counters } from "../../lib/registry/counters.ts";
import { DEFAULT_LIMITS, LOW_WATER_BYTES } from "../../lib/registry/limits.ts";
import { Names, type NamesStore } from "../../lib/registry/names.ts";
import type { RegistryCoreOptions } from "../../lib/registry/options.ts";
import { Registry, type RegistryEvent, type SessionLink } from "../../lib/registry/registry.ts";
import { MemoryStore, type Store } from "../../lib/store/store.ts";

/** The nonce of every client here, unless a test gives another. */
export const CLIENT_NONCE = "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf";

/** An identity that is always the same for one `number`. */
export function identityNumber(number: number, kept = true): Identity {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, number + 1);
  return identityOf(seed, kept);
}

/** A store that fails; what another process does to it is done to `values`. */
export class FailingStore implements NamesStore {
  readonly values: Store = new MemoryStore();
  /** Nothing can be read, which says nothing of writes. */
  isUnreadable = false;
  /** Nothing can be written; deleted it can be. */
  isFull = false;
  /** Writes that were asked for, whatever came of them. */
  writes: string[] = [];
  /** What waits for a lock, and is read as if it was there. */
  #waiting: Map<string, string> | undefined;
  #settled = Promise.withResolvers<void>();

  constructor() {
    this.values.set("registry/key", "its own, which is given");
    this.#settled.resolve();
  }

  get(key: string): string | undefined {
    return this.#waiting?.get(key) ?? (this.isUnreadable ? undefined : this.values.get(key));
  }

  has(key: string): boolean | undefined {
    if (this.#waiting?.has(key)) return true;
    return this.isUnreadable ? undefined : this.values.has(key);
  }

  set(key: string, value: string): void {
    this.writes.push(key);
    if (this.#waiting) this.#waiting.set(key, value);
    else if (!this.isFull) this.values.set(key, value);
  }

  add(key: string, value: string): void {
    if (this.#waiting ? !this.#waiting.has(key) : !this.values.has(key)) this.set(key, value);
  }

  delete(key: string): void {
    this.values.delete(key);
  }

  keys(prefix: string): string[] {
    return this.isUnreadable ? [] : this.values.keys(prefix);
  }

  settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** From now on writes wait. */
  lock(): void {
    this.#waiting = new Map();
    this.#settled = Promise.withResolvers();
  }

  /** What waits is written, unless something is there by now, or given up; resolves once that is known. */
  unlock(then: "write" | "give up"): Promise<void> {
    for (const [key, value] of this.#waiting ?? []) {
      if (then === "write") this.values.add(key, value);
    }
    this.#waiting = undefined;
    this.#settled.resolve();
    return this.#settled.promise;
  }
}

/** How a {@linkcode RegistryBench} differs from a registry that is told nothing. */
export interface BenchOptions extends Partial<RegistryCoreOptions> {
  /** Where it keeps names; another bench may go on with it. */
  readonly store?: NamesStore;
  /** Names that it keeps at most. */
  readonly maxNames?: number;
}

/** A registry without sockets, with a manual clock. */
export class RegistryBench {
  readonly registry: Registry;
  readonly identity: Identity;
  readonly store: NamesStore;
  readonly events: RegistryEvent[] = [];
  readonly counters = new Counters();
  now = 1_000_000;
  /** Days since 1970. */
  today = 20_000;
  /** Writes out all that was told, also what would wait for more. */
  #flush: () => void = () => {};
  #nonces = 0;
  #ids = 0;

  constructor({ store = new MemoryStore(), maxNames, ...options }: BenchOptions = {}) {
    this.store = store;
    // As every store of a registry.
    store.set("registry/key", "its own, which is given");
    this.identity = options.identity ?? identityNumber(1_000_000);
    const onError = (message: string): unknown =>
      this.events.push({ event: "error", code: "store", message });
    const max = maxNames === undefined ? {} : { max: maxNames };
    this.registry = new Registry(
      {
        ...DEFAULT_LIMITS,
        grace: 30,
        counters: this.counters,
        identity: this.identity,
        names: new Names({ store, today: () => this.today, onError, ...max }),
        newNonce: () => (++this.#nonces).toString(16).padStart(32, "0"),
        newId: () => (++this.#ids).toString(16).padStart(16, "0"),
        ...options,
      },
      (event) => this.events.push(event),
      (flush) => this.#flush = flush,
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

  /** A new connection that understands keys and has read the registry's CAPS; without an identity so far. */
  greet(ip = "127.0.0.1", nonce = CLIENT_NONCE, capabilities = KEYS): BenchClient {
    const client = this.connect("framed", ip);
    client.say(`CAPS:1:${nonce}:${capabilities}`);
    const [caps = ""] = client.heard();
    client.registryNonce = caps.split(":")[2] ?? "";
    return client;
  }

  /** A new connection that has proven `identity` and asked for `username`; what came of it is unread. */
  ask(username: string, identity: Identity, ip = "127.0.0.1"): BenchClient {
    const client = this.greet(ip);
    client.say(this.claim(client, username, identity));
    client.say(`REGISTER:${username}:${ip.includes(":") ? `[${ip}]` : ip}:5001`);
    return client;
  }

  /** The same, of somebody who is in and has read what it was told. */
  joinKeyed(username: string, identity: Identity, ip = "127.0.0.1"): BenchClient {
    const client = this.ask(username, identity, ip);
    client.heard();
    return client;
  }

  /** A new connection that understands numbers and RESUME, too, and has proven `identity`. */
  greetCapable(username: string, identity: Identity, ip = "127.0.0.1"): BenchClient {
    const client = this.greet(ip, CLIENT_NONCE, `${KEYS},${RESUME},${REPLAY}`);
    client.say(this.claim(client, username, identity));
    return client;
  }

  /** The right IDENTITY for that connection. */
  claim(client: BenchClient, username: string, identity: Identity): string {
    const { publicKey } = identity;
    const hold = holdOf(identity);
    const signature = identity.sign(
      "confab-register-v1",
      [this.identity.publicKey, username, hold, CLIENT_NONCE, client.registryNonce],
    );
    return `IDENTITY:${username}:${publicKey}:${hold}:${signature}`;
  }

  /** Ends the turn: what was delivered is written. */
  flush(): void {
    this.#flush();
    // The first may have cut somebody, whose leave would wait for more.
    this.#flush();
  }

  /** Lets time pass, with the timers that fall into it. */
  pass(ms: number): void {
    this.flush();
    const until = this.now + ms;
    for (;;) {
      const at = this.registry.nextTimeout();
      if (at === undefined || at > until) break;
      this.now = Math.max(this.now, at);
      this.registry.timeout(this.now);
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
  /** Whether it has read no more than a part of what waits: the end of that may be that of half a frame. */
  #isTorn = false;
  /** Whether the registry has ended the connection. */
  closed = false;
  /** From the registry's CAPS. */
  registryNonce = "";

  constructor(bench: RegistryBench, dialect: Dialect, ip: string) {
    this.#bench = bench;
    this.#dialect = dialect;
    this.#id = bench.registry.open(this, { ip, port: 40_001 }, bench.now);
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
    this.#bench.registry.ended(this.#id, this.#bench.now);
  }

  /** What was told since the last call, a message each. */
  heard(): string[] {
    this.#bench.flush();
    return this.#heard.splice(0);
  }

  /** The same, of which only the kinds are looked at: `ERROR:bad-proof`, `ROSTER`. */
  heardKinds(): string[] {
    return this.heard().map((line) =>
      /^(ERROR:[a-z-]+|UPDATE:[A-Z]+|[A-Z]+)/.exec(line)?.[0] ?? line
    );
  }

  /** Answers the PINGs it has heard. */
  pong(): void {
    for (const line of this.heard()) {
      if (line.startsWith("PING:")) this.say(`PONG:${line.slice(5)}`);
    }
  }

  get queued(): number {
    return (this.stalled ?? []).reduce((sum, { length }) => sum + length, 0);
  }

  /** Of a client that does not read: takes so many of the bytes that wait, and tells the registry once few are left. */
  take(count: number): void {
    const before = this.queued;
    const [all, waiting] = [concatBytes(this.stalled ?? []), this.stalled];
    if (!waiting) return;
    this.stalled = [all.subarray(count)];
    this.#isTorn = true;
    this.#read(all.subarray(0, count));
    if (before > LOW_WATER_BYTES && this.queued <= LOW_WATER_BYTES && !this.closed) {
      this.#bench.registry.drained(this.#id, this.#bench.now);
    }
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
    if (last && !this.#isTorn) this.send(last);
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
