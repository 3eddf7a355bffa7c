import { type Identity, identityOf } from "../../lib/crypto/identity.ts";
import { type NoiseTransport, NoiseXX } from "../../lib/crypto/noise_xx.ts";
import { type KeyPair, keyPair } from "../../lib/crypto/x25519.ts";
import type { SessionReason } from "../../lib/peer/reasons.ts";
import { SealedChat, type SealedChatOptions } from "../../lib/peer/sealed_chat.ts";
import { encodeFrame, FrameDecoder } from "../../lib/protocol/frame.ts";
import { linkPrologue } from "../../lib/protocol/private.ts";

/** One side's part in a link. */
export type Role = "dialler" | "listener";

export const OFFER = "000102030405060708090a0b0c0d0e0f";
/** bob dials ann, as in `docs/PROTOCOL.md` 9.1. */
export const NAMES: Readonly<Record<Role, string>> = { dialler: "bob", listener: "ann" };
export const IDENTITIES: Readonly<Record<Role, Identity>> = {
  dialler: identityOf(fill(0xbb), true),
  listener: identityOf(fill(0xaa), true),
};
export const STATICS: Readonly<Record<Role, KeyPair>> = {
  dialler: keyPair(fill(0xb1)),
  listener: keyPair(fill(0xa1)),
};
const EPHEMERALS: Readonly<Record<Role, KeyPair>> = {
  dialler: keyPair(fill(0xb2)),
  listener: keyPair(fill(0xa2)),
};

export function otherRole(role: Role): Role {
  return role === "dialler" ? "listener" : "dialler";
}

/** One machine, and what it told. */
export class SealedSide {
  readonly chat: SealedChat;
  /** Frames to be carried to the other side. */
  readonly outbox: Uint8Array[] = [];
  readonly texts: string[] = [];
  readonly closed: SessionReason[] = [];
  opened = 0;
  #said = 0;
  /** Called at each text, from within. */
  onText: (text: string) => void = () => {};

  constructor(role: Role, options: Partial<SealedChatOptions> = {}) {
    this.chat = new SealedChat({
      role,
      self: NAMES[role],
      identity: IDENTITIES[role],
      staticKey: STATICS[role],
      ephemeral: EPHEMERALS[role],
      peer: NAMES[otherRole(role)],
      peerKey: IDENTITIES[otherRole(role)].publicKey,
      offer: OFFER,
      refuse: () => undefined,
      ...options,
    }, {
      send: (bytes) => void this.outbox.push(bytes),
      opened: () => void this.opened++,
      message: (message) => {
        if (message.verb !== "TEXT") return;
        this.texts.push(message.text);
        this.onText(message.text);
      },
      closed: (reason) => void this.closed.push(reason),
    });
  }

  /** Sends a text, if it may. */
  say(text: string): void {
    this.chat.tell({ verb: "TEXT", number: ++this.#said, text });
  }

  /** The frames that it has sent since the last time. */
  take(): Uint8Array[] {
    return this.outbox.splice(0);
  }

  /** All that came out of it, to be compared. */
  get told(): { opened: number; texts: string[]; closed: SessionReason[] } {
    return { opened: this.opened, texts: [...this.texts], closed: [...this.closed] };
  }
}

/** A frame on its way. */
export interface Carried {
  /** Counted from 0, both ways together. */
  readonly index: number;
  readonly from: Role;
  readonly frame: Uint8Array;
}

/** What arrives in the place of a frame. */
export type Meddle = (carried: Carried) => readonly Uint8Array[];

/** Two machines, wired back to back through somebody's hands. */
export class SealedPair {
  readonly dialler: SealedSide;
  readonly listener: SealedSide;
  readonly carried: Carried[] = [];
  readonly #meddle: Meddle;

  constructor(
    meddle: Meddle = ({ frame }) => [frame],
    options: Partial<Record<Role, Partial<SealedChatOptions>>> = {},
  ) {
    this.#meddle = meddle;
    this.listener = new SealedSide("listener", options.listener);
    this.dialler = new SealedSide("dialler", options.dialler);
  }

  /** Carries all that is there to carry, and what comes of it. */
  carry(): void {
    for (let any = true; any;) {
      any = false;
      for (const from of ["dialler", "listener"] as const) {
        for (const frame of this[from].take()) {
          any = true;
          const carried = { index: this.carried.length, from, frame };
          this.carried.push(carried);
          for (const part of this.#meddle(carried)) this[otherRole(from)].chat.receive(part);
        }
      }
    }
  }

  say(from: Role, ...texts: readonly string[]): void {
    for (const text of texts) this[from].say(text);
    this.carry();
  }

  /**
   * A whole conversation of nine frames: three of the handshake, OPEN, `b1`, `a1`, `b2`, `a2`, and CLOSE of the
   * dialler; whatever the machines still say of it.
   */
  converse(): void {
    this.carry();
    this.say("dialler", "b1");
    this.say("listener", "a1");
    this.say("dialler", "b2");
    this.say("listener", "a2");
    this.dialler.chat.close("quit");
    this.carry();
  }
}

/** Somebody who speaks the protocol with tools of their own, and says in it whatever they like. */
export class RawPeer {
  readonly #noise: NoiseXX;
  #transport: NoiseTransport | undefined;

  constructor(
    role: Role,
    { staticKey = STATICS[role], ephemeral = EPHEMERALS[role], prologue = PROLOGUE } = {},
  ) {
    const noiseRole = role === "dialler" ? "initiator" : "responder";
    this.#noise = new NoiseXX(noiseRole, prologue, staticKey, ephemeral);
  }

  /** The frame of our next handshake message. */
  write(payload: Uint8Array): Uint8Array {
    return encodeFrame(this.#noise.write(payload));
  }

  /** Their handshake message. */
  read(frame: Uint8Array): Uint8Array {
    return this.#noise.read(frame.subarray(4));
  }

  /** The frame of a sealed message. */
  seal(payload: Uint8Array): Uint8Array {
    const { send } = this.#ciphers;
    const frame = encodeFrame(send.seal(payload, new Uint8Array(0)));
    send.rekeyIfDue();
    return frame;
  }

  /** What is in sealed frames. */
  open(frames: readonly Uint8Array[]): string[] {
    const { receive } = this.#ciphers;
    const decoder = new FrameDecoder();
    return frames.map((frame) => {
      decoder.push(frame);
      const sealed = decoder.next() ?? new Uint8Array(0);
      decoder.next();
      const text = new TextDecoder().decode(receive.open(sealed, new Uint8Array(0)));
      receive.rekeyIfDue();
      return text;
    });
  }

  get #ciphers(): NoiseTransport {
    return this.#transport ??= this.#noise.split();
  }
}

const PROLOGUE = linkPrologue(NAMES.dialler, NAMES.listener, OFFER);

function fill(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}
