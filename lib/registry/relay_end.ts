import { encodeFrame, FRAME_HEADER_BYTES } from "../protocol/frame.ts";
import { formatRelay, MAX_RELAY_DATA, type PartedReason, relayWeight } from "../protocol/relay.ts";
import { encodeUtf8 } from "../protocol/utf8.ts";
import { RELAY_WINDOW } from "./limits.ts";
import type { RelayMember } from "./relay_member.ts";

/** What two keys have relayed between them. */
export interface PairUse {
  /** When the hour began. */
  since: number;
  weight: number;
}

/**
 * One end of a relayed link: its member, what waits for that one, and how much has come for it. What it says goes to its
 * {@linkcode RelayEnd.peer}.
 */
export class RelayEnd {
  readonly link: string;
  /** The same in ASCII. */
  readonly digits: Uint8Array;
  readonly member: RelayMember;
  /** Until when the link lasts. */
  readonly until: number;
  readonly pair: PairUse;
  /** Set once the link is over, while something still waits: then that is told. */
  ending: PartedReason | undefined;
  /** Weight that has come for the member, that was handed on to it, that it has taken. */
  #come = 0;
  #handed = 0;
  #taken = 0;
  /** Frames that wait, in order. */
  #queue: Uint8Array[] = [];
  /** Whether the member has not heard how much of what it said was taken. */
  #owesTaken = false;
  #peer: RelayEnd | undefined;

  constructor(link: string, member: RelayMember, until: number, pair: PairUse) {
    this.link = link;
    this.digits = encodeUtf8(link);
    this.member = member;
    this.until = until;
    this.pair = pair;
  }

  /** Makes two ends one link. */
  static join(one: RelayEnd, other: RelayEnd): void {
    one.#peer = other;
    other.#peer = one;
  }

  /** The other end. */
  get peer(): RelayEnd {
    if (!this.#peer) throw new TypeError("Cannot tell the other end: not joined yet");
    return this.#peer;
  }

  /** Weight that has come for the member so far. */
  get come(): number {
    return this.#come;
  }

  /** Weight that waits to be handed on. */
  get queued(): number {
    return this.#come - this.#handed;
  }

  /** Whether there is something to hand on. */
  get isReady(): boolean {
    return this.#queue.length > 0 || this.#owesTaken || this.ending !== undefined;
  }

  /** Whether so much more is within what may be under way. */
  hasRoom(weight: number): boolean {
    return this.#come - this.#taken + weight <= RELAY_WINDOW;
  }

  /** A RELAY has come for the member: its payload is copied. */
  push(payload: Uint8Array): void {
    this.#queue.push(encodeFrame(payload));
    this.#come += relayWeight(payload.length);
  }

  /** The member has taken so much in all; says whether that can be. */
  took(count: number): boolean {
    if (count < this.#taken || count > this.#handed) return false;
    if (count > this.#taken) this.peer.#owesTaken = true;
    this.#taken = count;
    return true;
  }

  /** Hands on what is due in one turn of this link, of a RELAY's longest at most or a single one; gives its bytes. */
  take(frames: Uint8Array[]): number {
    let bytes = 0;
    if (this.#owesTaken) {
      this.#owesTaken = false;
      const { link, peer } = this;
      const taken = encodeFrame(formatRelay({ verb: "TAKEN", link, count: peer.#taken }));
      frames.push(taken);
      bytes += taken.length;
    }
    let count = 0;
    let size = 0;
    for (const frame of this.#queue) {
      size += frame.length;
      if (count > 0 && size > MAX_RELAY_DATA) break;
      frames.push(frame);
      bytes += frame.length;
      this.#handed += relayWeight(frame.length - FRAME_HEADER_BYTES);
      count++;
    }
    this.#queue.splice(0, count);
    return bytes;
  }

  /** Drops what waits; gives its weight. */
  drop(): number {
    const { queued } = this;
    this.#queue = [];
    this.#handed = this.#come;
    this.#owesTaken = false;
    return queued;
  }

  /** PARTED, as a frame. */
  parted(reason: PartedReason): Uint8Array {
    return encodeFrame(formatRelay({ verb: "PARTED", link: this.link, reason }));
  }
}
