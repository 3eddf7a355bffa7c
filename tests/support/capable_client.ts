/**
 * A client with the capability `resume`, written from `docs/PROTOCOL.md` alone: what two implementations agree on
 * is what the page says. It comes back at once (no backoff) and never asks whether the other side is alive.
 *
 * @module
 */
import type { Identity } from "../../lib/crypto/identity.ts";
import { holdOf } from "../../lib/protocol/keyed.ts";
import type { DeliveryWitness } from "./delivery_witness.ts";
import { PATIENCE_MS } from "./eventually.ts";
import { FramedSocket } from "./framed_socket.ts";

/** What is kept of WELCOME. */
interface Welcome {
  readonly epoch: string;
  readonly number: number;
  readonly presence: number;
  readonly token: string;
}

/** How to join. */
export interface CapableOptions {
  readonly port: number;
  readonly username: string;
  readonly identity: Identity;
  readonly witness: DeliveryWitness;
}

const DIGITS = (count: number): string => crypto.getRandomValues(new Uint8Array(count / 2)).toHex();
const ADDRESS = "127.0.0.1:5001";
const SAID = /^SAID:([0-9a-f]{16}):(\d+):([^:]+):([^:]+):(\d+):([^]*)$/;
const ACK = /^ACK:([0-9a-f]{16})\.(\d+):([0-9a-f]{16}):(\d+)$/;
const NAK = /^NAK:([0-9a-f]{16})\.(\d+):/;
const WELCOME = /^WELCOME:([0-9a-f]{16}):(\d+):(\d+):([0-9a-f]{32}):(\d+):(\d+)$/;
const JOINED =
  /^JOINED:(\d+):([^:]+):(?:\[[^\]]+\]|[^:]+):\d+:([0-9a-f]{16}):(?:~?[0-9a-f]{64}|-)$/;
const LEFT = /^LEFT:(\d+):([0-9a-f]{16})$/;
const USER = /:([^:]+):(?:\[[^\]]+\]|[^:]+):\d+:([0-9a-f]{16}):(?:~?[0-9a-f]{64}|-)/g;

/** Stays in the room until it {@linkcode CapableClient.quit}s, whatever becomes of its connections. */
export class CapableClient implements AsyncDisposable {
  readonly #options: CapableOptions;
  readonly #run = DIGITS(16);
  readonly #living: Promise<void>;
  readonly #joined = Promise.withResolvers<void>();
  /** Neither acknowledged nor refused, by count, in order. */
  readonly #unanswered = new Map<number, string>();
  /** Names by session. */
  readonly #roster = new Map<string, string>();
  #count = 0;
  #nonce = "";
  #token: string | undefined;
  #epoch = "";
  #number = 0;
  #presence = 0;
  #resuming = false;
  /** While the roster has not come. */
  #registering: Welcome | undefined;
  /** Whether frames of a new roster begin with the next one. */
  #rosterBegins = true;
  /** The connection on which we are in the room. */
  #room: FramedSocket | undefined;
  #socket: FramedSocket | undefined;
  #stopping = false;
  /** How often a session went on, and how often it had to be begun anew. */
  readonly comebacks = { resumed: 0, registered: -1 };

  private constructor(options: CapableOptions) {
    this.#options = options;
    this.#living = this.#live();
    // Who waits for it is told; nobody has to.
    this.#joined.promise.catch(() => {});
  }

  /** Resolves once in the room; gives up if that takes too long. */
  static async join(options: CapableOptions): Promise<CapableClient> {
    const client = new CapableClient(options);
    const timer = setTimeout(() => client[Symbol.asyncDispose](), PATIENCE_MS);
    try {
      await client.#joined.promise;
    } finally {
      clearTimeout(timer);
    }
    return client;
  }

  /** Broadcasts that were neither acknowledged nor refused. */
  get pending(): number {
    return this.#unanswered.size;
  }

  /** The names of all that are here, oneself included. */
  get roster(): readonly string[] {
    return [...this.#roster.values()];
  }

  /** Says it as soon as there is somebody to say it to. */
  say(text: string): void {
    this.#unanswered.set(++this.#count, text);
    this.#room?.send(this.#saying(this.#count, text));
  }

  /** Reads nothing more until {@linkcode readOn}. */
  stopReading(): void {
    this.#socket?.pause();
  }

  /** Reads again. */
  readOn(): void {
    this.#socket?.unpause();
  }

  /** Closes its connection without a word, and comes back. */
  hangUp(): void {
    this.#socket?.close();
  }

  /** Leaves for good; resolves when the registry has closed. */
  async quit(): Promise<void> {
    this.#stopping = true;
    this.#room?.send("QUIT");
    await this.#living;
  }

  /** Is gone without a word, for good. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    this.#socket?.close();
    await this.#living;
  }

  async #live(): Promise<void> {
    while (!this.#stopping) {
      const socket = await FramedSocket.connect(this.#options.port);
      // Refused or reset at once: try again.
      if (!socket) continue;
      this.#socket = socket;
      this.#nonce = DIGITS(32);
      this.#rosterBegins = true;
      this.#registering = undefined;
      socket.send(`CAPS:1:${this.#nonce}:keys,resume`);
      await socket.readAll((line) => this.#hear(socket, line));
      this.#room = undefined;
      socket.close();
    }
    this.#joined.reject(new Error(`${this.#options.username} was stopped before it was in`));
  }

  #hear(socket: FramedSocket, line: string): void {
    const { witness } = this.#options;
    const said = SAID.exec(line);
    if (said) {
      const [, epoch = "", number, name = "", id = "", , text = ""] = said;
      this.#number = Math.max(this.#number, Number(number));
      return witness.said({ epoch, number: Number(number), name, id, text });
    }
    switch (line.slice(0, line.indexOf(":"))) {
      case "ACK":
        return this.#acknowledged(ACK.exec(line) ?? []);
      case "JOINED":
      case "LEFT":
        return this.#changed(line);
      case "PING":
        return socket.send(`PONG:${line.slice(5)}`);
      case "CAPS":
        return this.#introduce(socket, line.split(":"));
      case "WELCOME":
        return this.#welcomed(socket, WELCOME.exec(line) ?? []);
      case "ROSTER":
        return this.#listed(socket, line);
      case "GAP": {
        const [, missed, number] = line.split(":").map(Number);
        this.#number = number ?? NaN;
        return witness.gap({ missed: missed ?? NaN, number: this.#number });
      }
      case "NAK":
        this.#unanswered.delete(Number(NAK.exec(line)?.[2]));
        return witness.odd(line);
      case "ERROR":
        return this.#refused(socket, line);
      default:
        return witness.odd(line);
    }
  }

  #introduce(socket: FramedSocket, caps: readonly string[]): void {
    const { identity, username } = this.#options;
    const [, , nonce = "", registryKey = "", , capabilities = ""] = caps;
    if (!capabilities.split(",").includes("resume")) this.#options.witness.odd(caps.join(":"));
    const hold = holdOf(identity);
    const signed = [registryKey, username, hold, this.#nonce, nonce];
    const signature = identity.sign("confab-register-v1", signed);
    this.#resuming = this.#token !== undefined;
    const position = `${this.#epoch}:${this.#number}:${this.#presence}`;
    socket.send(
      `IDENTITY:${username}:${identity.publicKey}:${hold}:${signature}`,
      this.#resuming ? `RESUME:${this.#token}:${position}:${ADDRESS}` : this.#registration,
    );
  }

  get #registration(): string {
    return `REGISTER:${this.#options.username}:${ADDRESS}`;
  }

  #welcomed(socket: FramedSocket, match: readonly string[]): void {
    const [line, epoch = "", number, presence, token = ""] = match;
    if (line === undefined) return this.#options.witness.odd("WELCOME that cannot be read");
    const welcome = { epoch, number: Number(number), presence: Number(presence), token };
    if (!this.#resuming) {
      this.#registering = welcome;
      return;
    }
    this.comebacks.resumed++;
    this.#token = token;
    this.#options.witness.welcomed({ epoch, number: welcome.number, resumed: true });
    this.#enter(socket);
  }

  /** The roster is whole: from here one can go on. Who loses the connection before it registers anew. */
  #registered(socket: FramedSocket, welcome: Welcome): void {
    const { epoch, number, presence, token } = welcome;
    this.comebacks.registered++;
    this.#registering = undefined;
    this.#token = token;
    this.#epoch = epoch;
    this.#number = number;
    this.#presence = presence;
    this.#options.witness.welcomed({ epoch, number, resumed: false });
    this.#options.witness.listed(this.roster);
    this.#enter(socket);
  }

  /** Is in the room: says again what had no answer, and from now on what is new. */
  #enter(socket: FramedSocket): void {
    this.#room = socket;
    const again = Array.from(this.#unanswered, ([count, text]) => this.#saying(count, text));
    if (again.length > 0) socket.send(...again);
    this.#joined.resolve();
  }

  #listed(socket: FramedSocket, line: string): void {
    if (this.#rosterBegins) this.#roster.clear();
    for (const [, name = "", session = ""] of line.slice("ROSTER:".length).matchAll(USER)) {
      this.#roster.set(session, name);
    }
    this.#rosterBegins = line.startsWith("ROSTER:0:");
    if (!this.#rosterBegins) return;
    if (this.#registering) this.#registered(socket, this.#registering);
    else this.#options.witness.listed(this.roster);
  }

  #changed(line: string): void {
    const [, presence, name, session = ""] = JOINED.exec(line) ?? [];
    const [, presenceLeft, sessionLeft = ""] = LEFT.exec(line) ?? [];
    const reached = Number(presence ?? presenceLeft);
    if (Number.isNaN(reached)) return this.#options.witness.odd(line);
    this.#presence = reached;
    const before = this.#roster.get(sessionLeft);
    if (name !== undefined) {
      const known = this.#roster.has(session);
      this.#roster.set(session, name);
      if (!known) this.#options.witness.presence({ name, here: true });
    } else if (before !== undefined) {
      this.#roster.delete(sessionLeft);
      this.#options.witness.presence({ name: before, here: false });
    }
  }

  #acknowledged([line, run, count, epoch = "", number]: readonly string[]): void {
    if (line === undefined || run !== this.#run) {
      return this.#options.witness.odd(line ?? "ACK that cannot be read");
    }
    const text = this.#unanswered.get(Number(count));
    this.#unanswered.delete(Number(count));
    // That of a repeat says nothing of where we are: it may be of long ago, or ahead of what is still to come.
    if (Number(number) === this.#number + 1) this.#number++;
    this.#options.witness.acknowledged({ epoch, number: Number(number), text });
  }

  #refused(socket: FramedSocket, line: string): void {
    if (line.startsWith("ERROR:no-session:")) {
      this.#resuming = false;
      this.#token = undefined;
      return socket.send(this.#registration);
    }
    if (line.startsWith("ERROR:taken-over:")) this.#stopping = true;
    this.#options.witness.odd(line);
  }

  #saying(count: number, text: string): string {
    return `SAY:${this.#run}.${count}:${[...text].length}:${text}`;
  }
}
