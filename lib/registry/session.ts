import { isLoopback, isNoHost } from "../protocol/address.ts";
import { parseClassicLine } from "../protocol/classic.ts";
import { type Dialect, dialectOf } from "../protocol/dialect.ts";
import { ProtocolError } from "../protocol/error.ts";
import { badMessage } from "../protocol/fields.ts";
import { FrameDecoder } from "../protocol/frame.ts";
import { LineDecoder } from "../protocol/line.ts";
import type { Pong } from "../protocol/keyed.ts";
import { type ClientMessage, parseClientMessage, type Register } from "../protocol/message.ts";
import { decodeUtf8, encodeUtf8 } from "../protocol/utf8.ts";
import type { CloseReason } from "./events.ts";
import type { FloodGuard } from "./flood_guard.ts";
import type { SessionId } from "./room.ts";

const QUIT = encodeUtf8("QUIT");

/** What a session reports, in the order of the bytes that caused it. */
export interface SessionHandler {
  /** A message of good form, with an address its sender may register; CAPS as its first alone. */
  message(message: Exclude<ClientMessage, Pong>): void;
  /** The PONG that was {@linkcode Session.expectPong | expected}. */
  ponged(): void;
  /** A message that is refused. */
  refused(error: ProtocolError): void;
  /** The connection has to end. */
  cut(reason: "no-dialect" | "flood"): void;
}

/** What a {@linkcode Session} is made of. */
export interface SessionParts {
  readonly id: SessionId;
  /** The other side's address, as `parseIp` gives it. */
  readonly remoteIp: string;
  /** Whether the classic dialect is served. */
  readonly classic: boolean;
  /** Holds it to its rate, if it has one. */
  readonly guard: FloodGuard | undefined;
  readonly handler: SessionHandler;
}

/** One connection's dialect, decoder and checks that need nobody else. No sockets, no clock. */
export class Session {
  readonly id: SessionId;
  /** The other side's address, as `parseIp` gives it. */
  readonly remoteIp: string;
  /** Unknown until the first byte. */
  dialect: Dialect | undefined;
  /** Errors told before registration. */
  errors = 0;
  /** Why it is over; once that is set, nothing that still arrives counts. */
  closed: CloseReason | undefined;
  /** Whether a complete message has arrived, good or bad. */
  spoke = false;
  readonly #classic: boolean;
  readonly #guard: FloodGuard | undefined;
  readonly #handler: SessionHandler;
  #decoder: FrameDecoder | LineDecoder | undefined;
  #pong: Uint8Array | undefined;

  constructor({ id, remoteIp, classic, guard, handler }: SessionParts) {
    this.id = id;
    this.remoteIp = remoteIp;
    this.#classic = classic;
    this.#guard = guard;
    this.#handler = handler;
  }

  /** A PING with `token` was sent: its answer, once, is neither counted nor refused. */
  expectPong(token: string): void {
    this.#pong = encodeUtf8(`PONG:${token}`);
  }

  /** Takes what arrived, in any chunking; `chunk` may be reused afterwards. */
  receive(chunk: Uint8Array, now: number): void {
    const [first] = chunk;
    if (this.closed || first === undefined) return;
    if (!this.#decoder) {
      this.dialect = dialectOf(first);
      if (!this.dialect) return this.#handler.cut("no-dialect");
      if (this.dialect === "classic" && !this.#classic) return this.#handler.refused(noClassic());
      this.#decoder = this.dialect === "framed" ? new FrameDecoder() : new LineDecoder();
    }
    try {
      this.#decoder.push(chunk);
      while (!this.closed) {
        const bytes = this.#decoder.next();
        if (!bytes) return;
        const isFirst = !this.spoke;
        this.spoke = true;
        this.#message(bytes, isFirst, now);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#handler.refused(error);
    }
  }

  #message(bytes: Uint8Array, isFirst: boolean, now: number): void {
    if (this.#pong && equal(bytes, this.#pong)) {
      this.#pong = undefined;
      return this.#handler.ponged();
    }
    const verdict = this.#isQuit(bytes) ? "take" : this.#guard?.judge(bytes.length, now) ?? "take";
    if (verdict === "refuse") return;
    if (verdict === "cut") return this.#handler.cut("flood");
    try {
      if (verdict === "tell") throw new ProtocolError("flood", "too fast: message refused");
      const text = decodeUtf8(bytes);
      const message = this.dialect === "framed" ? parseClientMessage(text) : parseClassicLine(text);
      if (message.verb === "REGISTER") this.#checkAddress(message);
      if (message.verb === "CAPS" && !isFirst) throw badMessage("capabilities come first");
      if (message.verb === "PONG") throw badMessage("nobody asked for that");
      this.#handler.message(message);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#handler.refused(error);
    }
  }

  /** Who wants to leave is never told to wait. */
  #isQuit(bytes: Uint8Array): boolean {
    return this.dialect === "framed" && equal(bytes, QUIT);
  }

  #checkAddress({ ip }: Register): void {
    if (isNoHost(ip)) throw badMessage("nobody can be reached at that address");
    if (isLoopback(ip) && !isLoopback(this.remoteIp)) {
      throw badMessage("a loopback address, but you are on another host");
    }
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function noClassic(): ProtocolError {
  return new ProtocolError("no-classic", "this registry serves no clients of the original program");
}
