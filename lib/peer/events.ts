/**
 * What a client tells: one union of events, the only thing its faces see.
 *
 * @module
 */
import type { User } from "../protocol/message.ts";

/** How a private chat's bytes travel. */
export type Path = "direct" | "reversed" | "punched" | "relay";

/** We are in the room; also after each time the registry was lost and found again. */
export interface RegisteredEvent {
  readonly event: "registered";
  readonly username: string;
  /** The process that runs the client. */
  readonly pid: number;
  /** Who is here, without oneself. */
  readonly peers: readonly User[];
}

/** Somebody came or went. */
export interface PresenceEvent extends User {
  readonly event: "join" | "leave";
}

/** A message to the room, by somebody else. */
export interface BroadcastEvent {
  readonly event: "broadcast";
  readonly from: string;
  readonly text: string;
}

/** Somebody asks for a private chat: accept or reject within 60 s. */
export interface InviteEvent {
  readonly event: "invite";
  readonly from: string;
}

/** A private chat opened, or ended, or could not be opened. */
export interface SessionEvent {
  readonly event: "session";
  readonly peer: string;
  readonly state: "open" | "closed";
  readonly path: Path;
  readonly encrypted: boolean;
  /** Whether the peer runs the original program. */
  readonly classic: boolean;
  /** Why it is closed: `quit`, `closed`, `lost`, `rejected`, `expired`, `no-answer`, ... */
  readonly reason?: string;
}

/** A message in a private chat, by the peer. */
export interface PrivateEvent {
  readonly event: "private";
  readonly from: string;
  readonly text: string;
  readonly encrypted: boolean;
}

/** The answer to the command `peers`. */
export interface PeersEvent {
  readonly event: "peers";
  readonly peers: readonly (User & { readonly session: "none" | "opening" | "open" })[];
}

/** Something asked for was refused or failed; the client goes on. */
export interface ErrorEvent {
  readonly event: "error";
  readonly code: string;
  readonly message: string;
}

/** The last event. */
export interface ByeEvent {
  readonly event: "bye";
  /** `quit`, or the code of the error that kept the client from its work. */
  readonly reason: string;
}

/** Everything a client tells. */
export type ClientEvent =
  | RegisteredEvent
  | PresenceEvent
  | BroadcastEvent
  | InviteEvent
  | SessionEvent
  | PrivateEvent
  | PeersEvent
  | ErrorEvent
  | ByeEvent;
