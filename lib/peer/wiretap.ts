import type { Endpoint } from "../protocol/address.ts";
import { FrameDecoder } from "../protocol/frame.ts";
import { parsePrivate, type PrivateMessage } from "../protocol/private.ts";
import { ProtocolError } from "../protocol/error.ts";
import { decodeUtf8 } from "../protocol/utf8.ts";
import type { WireEvent } from "./events.ts";
import {
  noteOfClassic,
  noteOfDatagram,
  noteOfFrame,
  noteOfHandshake,
  noteOfSealed,
  type WireNote,
} from "./wire_notes.ts";

/** Which way something travels. */
export type Direction = "in" | "out";

/** What an encrypted link shows of itself. */
export interface LinkTap {
  /** Whether anybody wants to know. */
  readonly isOn: boolean;
  /** The payload of one of the three frames of the handshake. */
  handshake(direction: Direction, payload: Uint8Array, number: number): void;
  /** The payload of a sealed frame, and what is in it; what is no message is not shown. */
  sealed(direction: Direction, payload: Uint8Array, opened: Uint8Array): void;
}

/**
 * Shows what travels, while our user wants to see it. What it has to tell waits until the part that sends or reads is done:
 * nobody is called from the middle of it, and nothing is sent in another order.
 */
export class Wiretap {
  #isOn = false;
  #waiting: WireEvent[] = [];

  /** Whether anything is shown. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** Begins or ends to show; nothing that has not been told is. */
  turn(on: boolean): void {
    this.#isOn = on;
    this.#waiting = [];
  }

  /** What has travelled since the last call. */
  take(): readonly WireEvent[] {
    return this.#waiting.length === 0 ? NOTHING : this.#waiting.splice(0);
  }

  /** Whole frames, with their headers, to the registry. */
  sentToRegistry(frames: Uint8Array): void {
    if (!this.#isOn) return;
    const decoder = new FrameDecoder();
    decoder.push(frames);
    for (let payload = decoder.next(); payload; payload = decoder.next()) {
      this.#tell("out", "registry", noteOfFrame("out", payload));
    }
  }

  /** The payload of a frame from the registry. */
  heardFromRegistry(payload: Uint8Array): void {
    if (this.#isOn) this.#tell("in", "registry", noteOfFrame("in", payload));
  }

  /** A datagram, to or from there. */
  datagram(direction: Direction, bytes: Uint8Array, there: Endpoint): void {
    if (this.#isOn) this.#tell(direction, "udp", noteOfDatagram(direction, bytes, there));
  }

  /** A piece of a link with a peer without a key. */
  classic(direction: Direction, bytes: Uint8Array, peer: string): void {
    if (this.#isOn) this.#tell(direction, "private", { ...noteOfClassic(bytes), peer });
  }

  /** What an encrypted link with `peer` is given. */
  forLink(peer: string): LinkTap {
    const isOn = (): boolean => this.#isOn;
    return {
      get isOn(): boolean {
        return isOn();
      },
      handshake: (direction, payload, number) => {
        if (!isOn()) return;
        this.#tell(direction, "private", { ...noteOfHandshake(payload, number), peer });
      },
      sealed: (direction, payload, opened) => {
        const message = isOn() && messageIn(opened);
        if (!message) return;
        this.#tell(direction, "private", { ...noteOfSealed(direction, payload, message), peer });
      },
    };
  }

  #tell(direction: Direction, channel: WireEvent["channel"], note: WireNote): void {
    this.#waiting.push({ event: "wire", direction, channel, ...note });
  }
}

const NOTHING: readonly WireEvent[] = [];

function messageIn(opened: Uint8Array): PrivateMessage | undefined {
  try {
    return parsePrivate(decodeUtf8(opened));
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
