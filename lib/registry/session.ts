import { isLoopback, isNoHost } from "../protocol/address.ts";
import { parseClassicLine } from "../protocol/classic.ts";
import { type Dialect, dialectOf } from "../protocol/dialect.ts";
import { ProtocolError } from "../protocol/error.ts";
import { badMessage } from "../protocol/fields.ts";
import { FrameDecoder } from "../protocol/frame.ts";
import { LineDecoder } from "../protocol/line.ts";
import { type ClientMessage, parseClientMessage, type Register } from "../protocol/message.ts";
import { decodeUtf8, encodeUtf8 } from "../protocol/utf8.ts";
import type { FloodGuard } from "./flood_guard.ts";
import type { SessionId } from "./room.ts";

const QUIT = encodeUtf8("QUIT");

/** Why the registry ends a connection without telling, or by itself. */
export type CutReason = "no-dialect" | "flood";

/** What a session reports, in the order of the bytes that caused it. */
export interface SessionHandler {
  /** A message of good form, with an address its sender may register. */
  message(message: ClientMessage): void;
  /** A message that is refused. */
  refused(error: ProtocolError): void;
  /** The connection has to end. */
  cut(reason: CutReason): void;
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
  /** Set once nothing that still arrives counts. */
  over = false;
  /** Whether a complete message has arrived, good or bad. */
  spoke = false;
  readonly #guard: FloodGuard | undefined;
  readonly #handler: SessionHandler;
  #decoder: FrameDecoder | LineDecoder | undefined;

  constructor(
    id: SessionId,
    remoteIp: string,
    guard: FloodGuard | undefined,
    handler: SessionHandler,
  ) {
    this.id = id;
    this.remoteIp = remoteIp;
    this.#guard = guard;
    this.#handler = handler;
  }

  /** Takes what arrived, in any chunking; `chunk` may be reused afterwards. */
  receive(chunk: Uint8Array, now: number): void {
    const [first] = chunk;
    if (this.over || first === undefined) return;
    if (!this.#decoder) {
      this.dialect = dialectOf(first);
      if (!this.dialect) return this.#handler.cut("no-dialect");
      this.#decoder = this.dialect === "framed" ? new FrameDecoder() : new LineDecoder();
    }
    try {
      this.#decoder.push(chunk);
      while (!this.over) {
        const bytes = this.#decoder.next();
        if (!bytes) return;
        this.spoke = true;
        this.#message(bytes, now);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#handler.refused(error);
    }
  }

  #message(bytes: Uint8Array, now: number): void {
    const verdict = this.#isQuit(bytes) ? "take" : this.#guard?.judge(bytes.length, now) ?? "take";
    if (verdict === "refuse") return;
    if (verdict === "cut") return this.#handler.cut("flood");
    try {
      if (verdict === "tell") throw new ProtocolError("flood", "too fast: message refused");
      const text = decodeUtf8(bytes);
      const message = this.dialect === "framed" ? parseClientMessage(text) : parseClassicLine(text);
      if (message.verb === "REGISTER") this.#checkAddress(message);
      this.#handler.message(message);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#handler.refused(error);
    }
  }

  /** Who wants to leave is never told to wait. */
  #isQuit(bytes: Uint8Array): boolean {
    return bytes.length === QUIT.length && this.dialect === "framed" &&
      QUIT.every((byte, at) => byte === bytes[at]);
  }

  #checkAddress({ ip }: Register): void {
    if (isNoHost(ip)) throw badMessage("nobody can be reached at that address");
    if (isLoopback(ip) && !isLoopback(this.remoteIp)) {
      throw badMessage("a loopback address, but you are on another host");
    }
  }
}
