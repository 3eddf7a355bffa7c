import { earliest } from "../protocol/earliest.ts";
import { ProtocolError } from "../protocol/error.ts";
import { encodeFrame, FrameDecoder } from "../protocol/frame.ts";
import {
  type ClientMessage,
  formatMessage,
  parseServerMessage,
  type ServerMessage,
} from "../protocol/message.ts";
import { decodeUtf8 } from "../protocol/utf8.ts";
import { Backoff } from "./backoff.ts";
import { Heartbeat } from "./heartbeat.ts";
import { DEAD_MS, JOIN_MS, MAX_JOIN_BYTES } from "./limits.ts";
import type { PeerPort } from "./port.ts";

/** What a {@linkcode RegistryConnection} reports. */
export interface RegistryConnectionHandler {
  /** The payload of each frame, before it is looked at; valid during this call. */
  heard(payload: Uint8Array): void;
  /**
   * A message of the registry.
   *
   * @throws {ProtocolError} if it is none that may come now: the connection is ended for it
   */
  message(message: ServerMessage, now: number): void;
  /** The registry sent something wrong; {@linkcode RegistryConnectionHandler.lost} follows. */
  wrong(error: ProtocolError): void;
  /** The connection is over, or could not be made; the next one comes by itself. `why` is for people. */
  lost(why: string): void;
}

type State = "idle" | "connecting" | "open" | "waiting" | "over";

/**
 * The connection to the registry, made again each time it is lost; never two at once. What is said on it is not
 * known here. No sockets, no clock.
 */
export class RegistryConnection {
  readonly #port: PeerPort;
  readonly #handler: RegistryConnectionHandler;
  readonly #backoff: Backoff;
  readonly #heartbeat = new Heartbeat();
  #decoder = new FrameDecoder();
  #state: State = "idle";
  /** When to connect again. */
  #againAt: number | undefined;
  /** Until when we have to be in, or to have heard more. */
  #joinBy: number | undefined;
  /** What came on this connection before we were in. */
  #joinBytes = 0;

  /** @param random a number from 0 (included) to 1 (not), for waiting times */
  constructor(port: PeerPort, random: () => number, handler: RegistryConnectionHandler) {
    this.#port = port;
    this.#backoff = new Backoff(random);
    this.#handler = handler;
  }

  /** Begins to connect. */
  connect(now: number): void {
    this.#state = "connecting";
    this.#againAt = undefined;
    this.#joinBy = now + JOIN_MS;
    this.#joinBytes = 0;
    this.#port.connectRegistry();
  }

  /** The connection is there; says whether it is one that we wait for. */
  opened(): boolean {
    if (this.#state !== "connecting") return false;
    this.#state = "open";
    this.#decoder = new FrameDecoder();
    return true;
  }

  /** The registry has let us in. `heartbeats`: whether its silence means that it is dead. */
  entered(heartbeats: boolean, now: number): void {
    this.#joinBy = undefined;
    this.#backoff.entered(now);
    if (heartbeats) this.#heartbeat.begin(now);
  }

  /** Bytes from the registry, in any chunking. */
  receive(chunk: Uint8Array, now: number): void {
    if (this.#state !== "open") return;
    this.#heartbeat.heard(now);
    if (this.#joinBy !== undefined) {
      this.#joinBytes += chunk.length;
      if (this.#joinBytes <= MAX_JOIN_BYTES) this.#joinBy = now + JOIN_MS;
    }
    try {
      this.#decoder.push(chunk);
      for (let bytes = this.#decoder.next(); bytes; bytes = this.#decoder.next()) {
        this.#handler.heard(bytes);
        this.#handler.message(parseServerMessage(decodeUtf8(bytes)), now);
        if (!this.#isOpen) return;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#handler.wrong(error);
      this.drop("it sent something wrong", now);
    }
  }

  /** Sends a message, if the connection is there. */
  send(message: ClientMessage): void {
    if (this.#isOpen) this.#port.sendRegistry(encodeFrame(formatMessage(message)));
  }

  /** The registry has asked not to be tried again for so long. */
  notFor(seconds: number, now: number): void {
    this.#backoff.notFor(seconds, now);
  }

  /** The connection is over, or could not be made; `why` is for people. */
  closed(why: string, now: number): void {
    if (this.#state !== "connecting" && this.#state !== "open") return;
    this.#state = "waiting";
    this.#joinBy = undefined;
    this.#heartbeat.stop();
    this.#againAt = this.#backoff.next(now);
    this.#handler.lost(why);
  }

  /** Ends this connection; there will be another. */
  drop(why: string, now: number): void {
    this.#port.endRegistry();
    this.closed(why, now);
  }

  /** Ends it for good. */
  end(): void {
    this.#state = "over";
    this.#againAt = undefined;
    this.#joinBy = undefined;
    this.#heartbeat.stop();
    this.#port.endRegistry();
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return earliest([this.#againAt, this.#joinBy, this.#heartbeat.nextTimeout()]);
  }

  /** Does what is due at `now`. */
  timeout(now: number): void {
    if (this.#againAt !== undefined && this.#againAt <= now) this.connect(now);
    if (this.#joinBy !== undefined && this.#joinBy <= now) {
      this.drop(`no answer within ${JOIN_MS / 1_000} s`, now);
    }
    const due = this.#heartbeat.due(now);
    if (due === "ask") this.send({ verb: "PING", token: "1" });
    if (due === "dead") this.drop(`nothing heard for ${DEAD_MS / 1_000} s`, now);
  }

  get #isOpen(): boolean {
    return this.#state === "open";
  }
}
