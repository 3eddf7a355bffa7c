import { isAscii } from "node:buffer";
import { isLoopback, isNoHost } from "../protocol/address.ts";
import { parseClassicLine } from "../protocol/classic.ts";
import { type MessageId, parseMessageId } from "../protocol/delivery.ts";
import { type Dialect, dialectOf } from "../protocol/dialect.ts";
import { ProtocolError } from "../protocol/error.ts";
import { badMessage } from "../protocol/fields.ts";
import { FRAME_HEADER_BYTES, FrameDecoder } from "../protocol/frame.ts";
import { LineDecoder } from "../protocol/line.ts";
import type { Pong } from "../protocol/keyed.ts";
import { type ClientMessage, parseClientMessage } from "../protocol/message.ts";
import { decodeUtf8, encodeUtf8 } from "../protocol/utf8.ts";
import type { CloseReason } from "./events.ts";
import type { FloodGuard } from "./flood_guard.ts";
import type { SessionId } from "./room.ts";
import { type Verbatim, verbatimOf } from "./verbatim.ts";

const QUIT = encodeUtf8("QUIT");
const SAY = encodeUtf8("SAY:");
/** Bytes in which the longest id ends: 16 digits, a point, 16 digits, a colon. */
const ID_BYTES = 34;
const TOO_FAST = new ProtocolError("flood", "too fast: message refused");

/** Frames that are handed over together are so many bytes and the last of them at most: the fan-out writes out as many. */
const VERBATIM_BYTES = 65_536;

/** PINGs without an answer, after which a client that is silent again is not asked again. */
const MAX_PONGS = 4;

/** How a message is refused. */
export interface Refused {
  /** Of a SAY. */
  readonly id: MessageId | undefined;
  /** Whether its sender was told so not long ago, and is to hear it again only if each of its messages has an answer. */
  readonly isRepeated: boolean;
}

/** What a session reports, in the order of the bytes that caused it. */
export interface SessionHandler {
  /** Whether everybody who is told of broadcasts can be told in the bytes of framed ones. */
  readonly isVerbatim: boolean;
  /** So many broadcasts under its own name, as the frames that tell them: a view that is valid during this call. */
  verbatim(frames: Uint8Array, count: number): void;
  /** Takes a payload that is said on a relayed link, if it is one; else it is looked at as any other. */
  relayed(payload: Uint8Array): boolean;
  /** A message of good form, with an address its sender may register; CAPS as its first alone. */
  message(message: Exclude<ClientMessage, Pong>): void;
  /** A message that is refused, or a stream that is none. */
  refused(error: ProtocolError, how: Refused): void;
  /** Its client speaks no dialect, or floods: the connection has to end. */
  fatal(reason: "no-dialect" | "flood"): void;
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
  /** Whether it may have relayed links: what is said on these has a rate of its own. */
  isRelaying = false;
  readonly #classic: boolean;
  readonly #handler: SessionHandler;
  #guard: FloodGuard | undefined;
  #decoder: FrameDecoder | LineDecoder | undefined;
  /** Once it is in the room, and as long as it sends no text that is none. */
  #verbatim: Verbatim | undefined;
  /** What is expected: the PONGs, and what each is for. */
  #pongs: { readonly bytes: Uint8Array; readonly then: () => void }[] = [];

  constructor({ id, remoteIp, classic, guard, handler }: SessionParts) {
    this.id = id;
    this.remoteIp = remoteIp;
    this.#classic = classic;
    this.#guard = guard;
    this.#handler = handler;
  }

  /** What holds it to its rate. */
  get guard(): FloodGuard | undefined {
    return this.#guard;
  }

  /** From now on it is held to its rate by what did so on another connection. */
  heldBy(guard: FloodGuard | undefined): void {
    this.#guard = guard;
  }

  /** It is in the room, as `username`. */
  entered(username: string): void {
    this.#verbatim = verbatimOf(username);
  }

  /** A PING with `token` was sent: its answer, once, is neither counted nor refused. */
  expectPong(token: string, then: () => void = () => {}): void {
    this.#pongs.push({ bytes: encodeUtf8(`PONG:${token}`), then });
  }

  /**
   * Whether it has been asked often enough: heartbeats wait for an answer. They alone could go on for ever; of a RESUME
   * and of a takeover there is one PING without an answer at most.
   */
  get owesPongs(): boolean {
    return this.#pongs.length >= MAX_PONGS;
  }

  /** Takes what arrived, in any chunking; `chunk` may be reused afterwards. */
  receive(chunk: Uint8Array, now: number): void {
    const [first] = chunk;
    if (this.closed || first === undefined) return;
    if (!this.#decoder) {
      this.dialect = dialectOf(first);
      if (!this.dialect) return this.#handler.fatal("no-dialect");
      if (this.dialect === "classic" && !this.#classic) return this.#refused(noClassic());
      this.#decoder = this.dialect === "framed" ? new FrameDecoder() : new LineDecoder();
    }
    try {
      this.#decoder.push(chunk);
      while (!this.closed) {
        if (this.#verbatim && this.#takeVerbatim(this.#verbatim, now)) continue;
        const bytes = this.#decoder.next();
        if (!bytes) return;
        if (this.isRelaying && this.#handler.relayed(bytes)) continue;
        const isFirst = !this.spoke;
        this.spoke = true;
        this.#message(bytes, isFirst, now);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refused(error);
    }
  }

  /** Hands over the broadcasts that come next as they are; says whether there were any. */
  #takeVerbatim(own: Verbatim, now: number): boolean {
    if (!(this.#decoder instanceof FrameDecoder) || !this.#handler.isVerbatim) return false;
    let count = 0;
    // Each message is held to its rate by itself.
    const enough = this.#guard ? 1 : VERBATIM_BYTES;
    const frames = this.#decoder.peek(enough, (chunk, start, end) => {
      if (!own.has(chunk, start, end)) return false;
      count++;
      return true;
    });
    if (count === 0) return false;
    if (!isAscii(frames)) {
      // No text, or its length is wrong. So it is refused, and its sender, in whom something is, is read with care.
      this.#verbatim = undefined;
      return false;
    }
    this.#decoder.skip(frames.length);
    if (!this.#guard || this.#passes(frames.subarray(FRAME_HEADER_BYTES), now)) {
      this.#handler.verbatim(frames, count);
    }
    return true;
  }

  #message(bytes: Uint8Array, isFirst: boolean, now: number): void {
    if (this.#pongs.length > 0 && this.#isPong(bytes)) return;
    if (!this.#isQuit(bytes) && !this.#passes(bytes, now)) return;
    try {
      const text = decodeUtf8(bytes);
      const message = this.dialect === "framed" ? parseClientMessage(text) : parseClassicLine(text);
      if (message.verb === "REGISTER" || message.verb === "RESUME") this.#checkIp(message.ip);
      if (message.verb === "CAPS" && !isFirst) throw badMessage("capabilities come first");
      if (message.verb === "PONG") throw badMessage("nobody asked for that");
      this.#handler.message(message);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refused(error, bytes);
    }
  }

  /** Holds its client to its rate; says whether a message is taken. */
  #passes(bytes: Uint8Array, now: number): boolean {
    const verdict = this.#guard?.judge(bytes.length, now) ?? "take";
    if (verdict === "cut") this.#handler.fatal("flood");
    else if (verdict !== "take") this.#refused(TOO_FAST, bytes, verdict === "refuse");
    return verdict === "take";
  }

  #refused(error: ProtocolError, bytes?: Uint8Array, isRepeated = false): void {
    const id = bytes && this.dialect === "framed" ? idOf(bytes) : undefined;
    this.#handler.refused(error, { id, isRepeated });
  }

  #isPong(bytes: Uint8Array): boolean {
    const index = this.#pongs.findIndex((pong) => equal(bytes, pong.bytes));
    const [pong] = index < 0 ? [] : this.#pongs.splice(index, 1);
    pong?.then();
    return pong !== undefined;
  }

  /** Who wants to leave is never told to wait. */
  #isQuit(bytes: Uint8Array): boolean {
    return this.dialect === "framed" && equal(bytes, QUIT);
  }

  #checkIp(ip: string): void {
    if (isNoHost(ip)) throw badMessage("nobody can be reached at that address");
    if (isLoopback(ip) && !isLoopback(this.remoteIp)) {
      throw badMessage("a loopback address, but you are on another host");
    }
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** The id of a SAY, also of one that is refused for something else; `undefined` for what is none. */
function idOf(bytes: Uint8Array): MessageId | undefined {
  if (!SAY.every((byte, at) => byte === bytes[at])) return undefined;
  const head = String.fromCharCode(...bytes.subarray(SAY.length, SAY.length + ID_BYTES));
  const end = head.indexOf(":");
  return parseMessageId(end < 0 ? head : head.slice(0, end));
}

function noClassic(): ProtocolError {
  return new ProtocolError("no-classic", "this registry serves no clients of the original program");
}
