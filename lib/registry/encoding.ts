/**
 * What is told to whom in which bytes: the only place that knows what the audiences understand.
 *
 * @module
 */
import { concatBytes } from "../protocol/bytes.ts";
import { classicLines } from "../protocol/classic.ts";
import type { MessageId } from "../protocol/delivery.ts";
import type { Dialect } from "../protocol/dialect.ts";
import { encodeFrame } from "../protocol/frame.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { encodeLine } from "../protocol/line.ts";
import { formatMessage, plainUser, type ServerMessage } from "../protocol/message.ts";

/**
 * Who is told in the same bytes: a dialect; of the framed one those who understand keys; of these those who are
 * told numbers and can come back.
 */
export type Audience = Dialect | "keyed" | "resume";

/** A broadcast that the room has taken. */
export interface BroadcastNotice {
  readonly kind: "broadcast";
  readonly epoch: string;
  readonly number: number;
  readonly sender: KeyedUser;
  /** `undefined` where its sender gave none. */
  readonly id: MessageId | undefined;
  readonly text: string;
  /** Encoded as SAID; only while somebody is here who understands that. */
  readonly said: Uint8Array | undefined;
}

/** Somebody came or left. */
export interface PresenceNotice {
  readonly kind: "presence";
  readonly presence: number;
  readonly change: "JOIN" | "LEAVE";
  readonly user: KeyedUser;
}

/** What the room tells all its members. */
export type Notice = BroadcastNotice | PresenceNotice;

/** The bytes that tell `message` in a dialect: none for what is hidden from it. */
export function encodeMessage(dialect: Dialect, message: ServerMessage): Uint8Array {
  if (dialect === "framed") return encodeFrame(formatMessage(message));
  const lines = classicLines(message).map(encodeLine);
  return lines.length === 1 && lines[0] ? lines[0] : concatBytes(lines);
}

/** The bytes that tell `notice` to `audience`: none for what is hidden from it. */
export function encodeNotice(audience: Audience, notice: Notice): Uint8Array {
  if (audience === "resume" && notice.kind === "broadcast" && notice.said) return notice.said;
  return encodeMessage(audience === "classic" ? "classic" : "framed", toldTo(audience, notice));
}

/** Whether the same bytes tell `notice` to those who understand keys and to other framed ones. */
export function isSameForKeyed(notice: Notice): boolean {
  return notice.kind === "broadcast" || notice.change === "LEAVE";
}

function toldTo(audience: Audience, notice: Notice): ServerMessage {
  if (notice.kind === "broadcast") {
    const { epoch, number, sender: { username }, id, text } = notice;
    return audience === "resume"
      ? { verb: "SAID", epoch, number, username, id, text }
      : { verb: "BROADCAST", username, text };
  }
  const { presence, change, user } = notice;
  if (audience !== "resume") {
    return { verb: "UPDATE", change, user: audience === "keyed" ? user : plainUser(user) };
  }
  if (change === "JOIN") return { verb: "JOINED", presence, user };
  return { verb: "LEFT", presence, session: user.session };
}
