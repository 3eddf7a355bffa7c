/**
 * A client with the capability `relay`, written from `docs/PROTOCOL.md` alone: it keeps to the window, and not to the rate.
 *
 * @module
 */
import { concatBytes } from "../../lib/protocol/bytes.ts";
import { identityOf, newSeed } from "../../lib/crypto/identity.ts";
import { Inbox } from "./eventually.ts";
import { FramedSocket } from "./framed_socket.ts";

/** Bytes of one RELAY. */
const PIECE = 12_288;

interface Link {
  window: number;
  sent: number;
  taken: number;
  came: number;
  told: number;
  waiting: string[];
  readonly got: Uint8Array[];
  length: number;
}

/** Somebody in the room who has links. */
export class RelayingClient implements AsyncDisposable {
  readonly #socket: FramedSocket;
  readonly #reading: Promise<void>;
  readonly #links = new Map<string, Link>();
  readonly #heard: Inbox<string>;
  session = "";

  private constructor(socket: FramedSocket, name: string) {
    this.#socket = socket;
    this.#heard = new Inbox(name);
    this.#reading = socket.readAll((line) => this.#hear(line));
  }

  /** Registers under that name with a key of its own. */
  static async join(port: number, name: string): Promise<RelayingClient> {
    const socket = await FramedSocket.connect(port);
    if (!socket) throw new Error("nobody listens");
    const client = new RelayingClient(socket, name);
    const nonce = crypto.getRandomValues(new Uint8Array(16)).toHex();
    socket.send(`CAPS:1:${nonce}:keys,relay`);
    const caps = await client.#heard.next((line) => line.startsWith("CAPS:"), "CAPS");
    const [, , registryNonce = "", registryKey = ""] = caps.split(":");
    const identity = identityOf(newSeed(), false);
    const signature = identity.sign(
      "confab-register-v1",
      [registryKey, name, "session", nonce, registryNonce],
    );
    socket.send(
      `IDENTITY:${name}:${identity.publicKey}:session:${signature}`,
      `REGISTER:${name}:127.0.0.1:5001`,
    );
    const roster = await client.#heard.next((line) => line.startsWith("ROSTER:"), "ROSTER");
    client.session = roster.split(":")[5] ?? "";
    return client;
  }

  /** The next message that is that. */
  hears(line: string): Promise<string> {
    return this.#heard.next((each) => each === line, line);
  }

  pass(session: string, datagram: string): void {
    this.#socket.send(`PASS:${session}:${datagram}`);
  }

  meet(session: string, link: string): void {
    this.#socket.send(`MEET:${session}:${link}`);
  }

  /** Resolves once the link is open. */
  async met(link: string): Promise<void> {
    await this.#heard.next((line) => line.startsWith(`MET:${link}:`), "MET");
  }

  /** Queues bytes for a link that is open. */
  write(link: string, bytes: Uint8Array): void {
    const state = this.#link(link);
    for (let at = 0; at < bytes.length; at += PIECE) {
      state.waiting.push(`RELAY:${link}:${bytes.subarray(at, at + PIECE).toBase64()}`);
    }
    this.#send(state);
  }

  /** Resolves once just so many bytes have come on a link. */
  async gets(link: string, bytes: number): Promise<void> {
    await this.hears(`(got ${link} ${bytes})`);
  }

  /** All that has come on a link. */
  read(link: string): Uint8Array {
    return concatBytes(this.#link(link).got);
  }

  stopReading(): void {
    this.#socket.pause();
  }

  readOn(): void {
    this.#socket.unpause();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#reading;
  }

  #link(link: string): Link {
    const state = this.#links.get(link);
    if (!state) throw new Error(`no link ${link}`);
    return state;
  }

  #send(state: Link): void {
    for (let line = state.waiting[0]; line !== undefined; line = state.waiting[0]) {
      const weight = Math.max(256, line.length);
      if (state.sent - state.taken + weight > state.window) return;
      state.sent += weight;
      state.waiting.shift();
      this.#socket.send(line);
    }
  }

  #hear(line: string): void {
    const [verb, link = "", field = "", window = ""] = line.split(":");
    if (verb === "MET") {
      const state = { window: Number(window), sent: 0, taken: 0, came: 0, told: 0 };
      this.#links.set(link, { ...state, waiting: [], got: [], length: 0 });
    } else if (verb === "RELAY") {
      const state = this.#link(link);
      const bytes = Uint8Array.fromBase64(field);
      state.got.push(bytes);
      state.length += bytes.length;
      this.#heard.push(`(got ${link} ${state.length})`);
      state.came += Math.max(256, line.length);
      if (state.came - state.told < state.window / 4) return;
      state.told = state.came;
      return this.#socket.send(`TAKEN:${link}:${state.came}`);
    } else if (verb === "TAKEN") {
      const state = this.#link(link);
      state.taken = Number(field);
      return this.#send(state);
    }
    this.#heard.push(line);
  }
}
