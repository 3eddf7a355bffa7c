/**
 * A client with the capability `resume` on a {@linkcode RegistryBench}, written from `docs/PROTOCOL.md` alone. It
 * reads what the test has it read, and comes back when the test has it come back.
 *
 * @module
 */
import type { Identity } from "../../lib/crypto/identity.ts";
import type { Said } from "../../lib/protocol/delivery.ts";
import { encodeFrame } from "../../lib/protocol/frame.ts";
import type { KeyedUser } from "../../lib/protocol/keyed.ts";
import { formatMessage, parseServerMessage } from "../../lib/protocol/message.ts";
import type { Past } from "../../lib/protocol/replay.ts";
import { assert, assertEquals } from "./assert.ts";
import type { BenchClient, RegistryBench } from "./registry_bench.ts";

/** What happened to a broadcast, in the order of the stream. */
export type Heard =
  | { readonly kind: "said"; readonly said: Said }
  | { readonly kind: "own"; readonly number: number; readonly text: string | undefined }
  | { readonly kind: "gap"; readonly missed: number; readonly number: number };

/** The client, over all its connections. */
export class BenchCapable {
  readonly name: string;
  /** What it has been told of broadcasts since it registered. */
  heard: Heard[] = [];
  /** What it was given of what was said before it came, in all its sessions. */
  readonly past: Past[] = [];
  /** Who is here, by session, itself included. */
  roster = new Map<string, KeyedUser>();
  /** Own messages without an answer, in order. */
  unanswered: { readonly count: number; readonly text: string }[] = [];
  /** Own messages that were taken, in order. */
  readonly acknowledged: string[] = [];
  /** All else that it was told since it was last asked for. */
  others: string[] = [];
  /** The position it starts from, and how often it has registered. */
  since = 0;
  registrations = 0;
  epoch = "";
  number = 0;
  presence = 0;
  token: string | undefined;
  link: BenchClient | undefined;
  udpPort = 5001;
  readonly #bench: RegistryBench;
  readonly #identity: Identity;
  readonly #run: string;
  #count = 0;
  #arriving: KeyedUser[] = [];
  /** The number of the last PAST, while there are more to come. */
  #pastNumber: number | undefined;
  /** Whether this connection has been welcomed: before, nothing is said on it. */
  #isWelcome = false;
  /** Whether this connection has died in the middle of a message: nothing gets through behind that. */
  #isCut = false;
  /** Whether the roster that it was given on registering has not come to its end. */
  #brokeOff = false;

  constructor(bench: RegistryBench, name: string, identity: Identity, run = identity.publicKey) {
    this.#bench = bench;
    this.name = name;
    this.#identity = identity;
    this.#run = run.slice(0, 16);
  }

  /** Its session id. */
  get session(): string {
    return [...this.roster.values()].find(({ username }) => username === this.name)?.session ?? "";
  }

  /** Connects: RESUME, or REGISTER where it has no token; once that is read to be answered, what has no answer again. */
  connect(how: "reads" | "stalled" = "reads"): void {
    const link = this.#bench.greetCapable(this.name, this.#identity);
    this.link = link;
    if (how === "stalled") link.stalled = [];
    this.enter();
  }

  /** The same on a connection that is there. */
  enter(): void {
    const address = `127.0.0.1:${this.udpPort}`;
    this.#arriving = [];
    this.#pastNumber = undefined;
    this.#isWelcome = false;
    this.#isCut = false;
    // Of a roster that broke off nothing counts: to know nobody is to have missed all joins and leaves.
    if (this.#brokeOff) this.presence = 0;
    this.#brokeOff = false;
    this.link?.say(
      this.token === undefined
        ? `REGISTER:${this.name}:${address}`
        : `RESUME:${this.token}:${this.epoch}:${this.number}:${this.presence}:${address}`,
    );
  }

  /** Broadcasts, now or when it is back. `upTo`: only so many bytes of it get through. */
  say(text: string, upTo?: number): void {
    const message = { count: ++this.#count, text };
    this.unanswered.push(message);
    if (!this.#isWelcome || this.#isCut) return;
    this.link?.raw(encodeFrame(this.#line(message)).subarray(0, upTo));
    this.#isCut = upTo !== undefined;
  }

  /** Its connection is gone; the registry hears of it by {@linkcode BenchClient.hangUp}. */
  lose(): BenchClient | undefined {
    const { link } = this;
    this.link = undefined;
    return link;
  }

  /** Reads what has arrived, and answers PINGs. */
  read(): this {
    for (const line of this.link?.heard() ?? []) this.#read(line);
    if (this.link?.closed) this.link = undefined;
    return this;
  }

  /** What it was told of broadcasts, shortly: `ann:hi` with its number, `own`, `gap`. */
  get story(): string[] {
    return this.heard.map((each) => {
      if (each.kind === "own") return `${each.number} own`;
      if (each.kind === "gap") return `${each.number} gap of ${each.missed}`;
      return `${each.said.number} ${each.said.username}:${each.said.text}`;
    });
  }

  /** The names of those who are here, in order. */
  get names(): string[] {
    return Array.from(this.roster.values(), ({ username }) => username).toSorted();
  }

  /** What it was told besides since the last call. */
  takeOthers(): string[] {
    return this.others.splice(0);
  }

  #line({ count, text }: { readonly count: number; readonly text: string }): string {
    return formatMessage({ verb: "SAY", id: { run: this.#run, count }, text });
  }

  #read(line: string): void {
    const message = parseServerMessage(line);
    const isPast = message.verb === "PAST" || message.verb === "REPLAYED";
    assert(message.verb === "PING" || isPast === (this.#pastNumber !== undefined), line);
    switch (message.verb) {
      case "REPLAYING":
        this.#pastNumber = 0;
        return;
      case "PAST":
        assert(message.number > (this.#pastNumber ?? 0) && message.number <= this.since, line);
        this.#pastNumber = message.number;
        this.past.push(message);
        return;
      case "REPLAYED":
        this.#pastNumber = undefined;
        return;
      case "WELCOME":
        if (this.token === undefined) this.#register(message.epoch, message);
        this.token = message.token;
        this.#isWelcome = true;
        for (const each of this.unanswered) this.link?.say(this.#line(each));
        return;
      case "ROSTER":
        this.#arriving.push(...message.users);
        if (message.left > 0) return;
        this.roster = new Map(this.#arriving.map((user) => [user.session, user]));
        this.#arriving = [];
        this.#brokeOff = false;
        return;
      case "JOINED":
        this.#changed(message.presence);
        this.roster.set(message.user.session, message.user);
        return;
      case "LEFT":
        this.#changed(message.presence);
        this.roster.delete(message.session);
        return;
      case "SAID": {
        assertEquals(message.epoch, this.epoch);
        const here = Array.from(this.roster.values(), ({ username }) => username);
        assert(here.includes(message.username), `${message.username} speaks before it has joined`);
        this.#numbered(message.number);
        this.heard.push({ kind: "said", said: message });
        return;
      }
      case "GAP":
        this.#numbered(message.number);
        this.heard.push({ kind: "gap", missed: message.missed, number: message.number });
        return;
      case "ACK":
        return this.#acknowledged(message.id.count, message.number);
      case "NAK":
        this.unanswered = this.unanswered.filter(({ count }) => count !== message.id.count);
        this.others.push(line);
        return;
      case "PING":
        return this.#isCut ? undefined : this.link?.say(`PONG:${message.token}`);
      case "ERROR":
        this.others.push(line);
        if (message.code !== "no-session") return;
        this.token = undefined;
        return this.enter();
      default:
        this.others.push(line);
    }
  }

  #register(epoch: string, { number, presence }: { number: number; presence: number }): void {
    this.registrations++;
    this.epoch = epoch;
    this.number = this.since = number;
    this.presence = presence;
    this.heard = [];
    this.roster = new Map();
    this.#brokeOff = true;
  }

  #acknowledged(count: number, number: number): void {
    const index = this.unanswered.findIndex((message) => message.count === count);
    const [message] = index < 0 ? [] : this.unanswered.splice(index, 1);
    if (message) this.acknowledged.push(message.text);
    // Of what came again it is no place in the stream.
    if (number === 0) return;
    this.#numbered(number);
    this.heard.push({ kind: "own", number, text: message?.text });
  }

  #numbered(number: number): void {
    assert(number > this.number, `${this.name}: ${number} after ${this.number}`);
    this.number = number;
  }

  #changed(presence: number): void {
    assert(presence >= this.presence, `${this.name}: presence ${presence} after ${this.presence}`);
    assertEquals(this.#arriving, [], "in the middle of a roster");
    this.presence = presence;
  }
}
