import { type Identity, identityOf } from "../../lib/crypto/identity.ts";
import { keyPair } from "../../lib/crypto/x25519.ts";
import type { ClientCommand } from "../../lib/peer/commands.ts";
import { Engine } from "../../lib/peer/engine.ts";
import type { ClientEvent } from "../../lib/peer/events.ts";
import type { PeerPort } from "../../lib/peer/port.ts";
import { concatBytes } from "../../lib/protocol/bytes.ts";
import { encodeFrame, FrameDecoder } from "../../lib/protocol/frame.ts";
import { decodeUtf8 } from "../../lib/protocol/utf8.ts";
import { RegistryPin } from "../../lib/store/registry_pin.ts";
import { MemoryStore } from "../../lib/store/store.ts";
import { TrustBook } from "../../lib/store/trust_book.ts";
import { assert, assertEquals } from "./assert.ts";

/** The run of the client's program in its messages' ids. */
export const RUN = "c".repeat(16);
export const EPOCH = "0e1e2e3e4e5e6e7e";
export const TOKEN = "50".repeat(16);
export const SESSION = "a0".repeat(8);

const ANN = identityOf(new Uint8Array(32).fill(0xaa), true);
const NONCE = "0".repeat(32);

/** What a registry's WELCOME can say; what is left out is as for the first one in an empty room. */
export interface WelcomeParts {
  readonly epoch?: string;
  readonly number?: number;
  readonly presence?: number;
  readonly token?: string;
  readonly rate?: number;
}

/** WELCOME as a payload. */
export function welcome(parts: WelcomeParts = {}): string {
  const { epoch = EPOCH, number = 0, presence = 1, token = TOKEN, rate = 0 } = parts;
  return `WELCOME:${epoch}:${number}:${presence}:${token}:30:${rate}`;
}

/** SAID as a payload. */
export function said(
  number: number,
  from: string,
  id: string,
  text: string,
  epoch = EPOCH,
): string {
  return `SAID:${epoch}:${number}:${from}:${id}:${text.length}:${text}`;
}

/** A user, without a key if none is given, as ROSTER and JOINED tell it. */
export function user(name: string, session: string, { ip = "10.0.0.9", key = "-" } = {}): string {
  return `${name}:${ip}:5000:${session.repeat(16 / session.length)}:${key}`;
}

/**
 * One client, ann, at a registry that a test plays by hand: each of its messages is told as a payload, each of hers is
 * there to be read. No sockets, a manual clock; two connections at once are a failure.
 */
export class PlayedRegistry implements PeerPort {
  now = 0;
  identity: Identity = identityOf(new Uint8Array(32).fill(0x11), true);
  capabilities = "keys,resume";
  readonly engine: Engine;
  readonly events: ClientEvent[] = [];
  /** How often the client has connected. */
  dialled = 0;
  #line: "none" | "dialling" | "open" = "none";
  #decoder = new FrameDecoder();
  #sent: string[] = [];

  /**
   * @param random what the client draws for its waiting times
   * @param replay how many messages from before it came it asks for; `undefined`: it does not ask
   */
  constructor(random: () => number = () => 0.5, replay: number | undefined = undefined) {
    const store = new MemoryStore();
    let ids = 0;
    this.engine = new Engine({
      username: "ann",
      identity: ANN,
      accept: "ask",
      classic: true,
      replay,
      trust: new TrustBook(store),
      registryPin: new RegistryPin(store, "registry", 1337, false),
      pid: 1,
      random,
      // The first one is of the run, the others are of connections.
      newId: () => ids++ === 0 ? RUN.repeat(2) : ids.toString(16).padStart(32, "0"),
      newKeyPair: () => keyPair(new Uint8Array(32).fill(1)),
    }, this);
    this.engine.start(this.now);
  }

  /** Whether a connection is there or being made. */
  get connected(): boolean {
    return this.#line !== "none";
  }

  /** What the client has sent since the last look. */
  take(): string[] {
    return this.#sent.splice(0);
  }

  /** Takes the connection that the client makes, tells CAPS; returns what it says to that. */
  greet(): string[] {
    assertEquals(this.#line, "dialling");
    this.#line = "open";
    this.#decoder = new FrameDecoder();
    this.take();
    this.engine.registryOpened({ ip: "10.0.0.1", udpPort: 5_000 });
    const [caps = ""] = this.take();
    const [, , nonce = ""] = caps.split(":");
    const told = this.capabilities;
    const signature = this.identity.sign("confab-registry-v1", [nonce, NONCE, told]);
    this.tell(`CAPS:1:${NONCE}:${this.identity.publicKey}:${signature}:${told}`);
    return this.take();
  }

  /** Lets the client in: the answers to REGISTER. Returns what it says to them. */
  register(parts: WelcomeParts = {}, others: readonly string[] = [], name = "ann"): string[] {
    const [identity = "", register = ""] = this.greet();
    assert(identity.startsWith("IDENTITY:ann:") && register.startsWith("REGISTER:ann:"), register);
    this.tell(welcome(parts), this.roster(others, name));
    return this.take();
  }

  /** Lets the client go on: the answer to RESUME, which is returned with what it says to it. */
  resume(parts: WelcomeParts = {}): string[] {
    const [, resume = ""] = this.greet();
    assert(resume.startsWith("RESUME:"), resume);
    this.tell(welcome(parts));
    return [resume, ...this.take()];
  }

  /** ROSTER as a payload, ann first. */
  roster(others: readonly string[] = [], name = "ann", session = SESSION): string {
    return ["ROSTER:0", `${name}:10.0.0.1:5000:${session}:${ANN.publicKey}`, ...others].join(":");
  }

  /** Messages of the registry, in one read. */
  tell(...payloads: string[]): void {
    assertEquals(this.#line, "open");
    this.engine.registryReceived(concatBytes(payloads.map(encodeFrame)), this.now);
  }

  /** The connection is lost, or none can be made. */
  lose(): void {
    assert(this.connected);
    this.#line = "none";
    this.engine.registryClosed("it broke", this.now);
  }

  /** Loses the connection, and waits for the next one to be made. */
  reconnect(): void {
    this.lose();
    this.pass(30_000, () => this.connected);
  }

  do(command: ClientCommand): void {
    this.engine.command(command, this.now);
  }

  /** Says each of these to the room. */
  say(...texts: string[]): void {
    for (const text of texts) this.do({ command: "broadcast", text });
  }

  /** Lets so many milliseconds pass, or fewer if `until` holds before. */
  pass(ms: number, until: () => boolean = () => false): void {
    const end = this.now + ms;
    while (!until()) {
      const due = this.engine.nextTimeout();
      if (due === undefined || due > end) {
        this.now = end;
        return;
      }
      this.now = Math.max(this.now, due);
      this.engine.timeout(this.now);
    }
  }

  /** Events of one kind, as told so far. */
  told<K extends ClientEvent["event"]>(event: K): Extract<ClientEvent, { event: K }>[] {
    return this.events.filter((each): each is Extract<ClientEvent, { event: K }> =>
      each.event === event
    );
  }

  /** What was heard in the room: `bob: hi`. */
  get heard(): string[] {
    return this.told("broadcast").map(({ from, text }) => `${from}: ${text}`);
  }

  /** The codes of all errors told so far. */
  get errors(): string[] {
    return this.told("error").map(({ code }) => code);
  }

  connectRegistry(): void {
    assertEquals(this.#line, "none", "never two connections at once");
    this.#line = "dialling";
    this.dialled++;
  }

  sendRegistry(bytes: Uint8Array): void {
    assertEquals(this.#line, "open");
    this.#decoder.push(bytes);
    for (let frame = this.#decoder.next(); frame; frame = this.#decoder.next()) {
      this.#sent.push(decodeUtf8(frame));
    }
  }

  endRegistry(): void {
    this.#line = "none";
  }

  emit(event: ClientEvent): void {
    this.events.push(event);
  }

  sendDatagram(): void {}
  listen(): void {}
  unlisten(): void {}
  dial(): void {}
  observe(): void {}

  unobserve(): void {}

  punch(): void {}

  sendLink(): boolean {
    return true;
  }
  queued(): number {
    return 0;
  }
  pauseLink(): void {}

  endLink(): void {}
}
