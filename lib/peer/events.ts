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
  /** Which event this is. */
  readonly event: "registered";
  /** Our own name. */
  readonly username: string;
  /** The process that runs the client. */
  readonly pid: number;
  /** Who is here, without oneself. */
  readonly peers: readonly User[];
}

/** Somebody came or went. */
export interface PresenceEvent extends User {
  /** Which event this is. */
  readonly event: "join" | "leave";
}

/** A message to the room, by somebody else. */
export interface BroadcastEvent {
  /** Which event this is. */
  readonly event: "broadcast";
  /** Who said it. */
  readonly from: string;
  /** What, exactly as it was sent. */
  readonly text: string;
}

/** Somebody asks for a private chat: accept or reject within 60 s. */
export interface InviteEvent {
  /** Which event this is. */
  readonly event: "invite";
  /** Who asks. */
  readonly from: string;
}

/** A private chat opened, or ended, or could not be opened. */
export interface SessionEvent {
  /** Which event this is. */
  readonly event: "session";
  /** With whom. */
  readonly peer: string;
  /** `closed` also for a chat that never opened. */
  readonly state: "open" | "closed";
  /** How its bytes travel. */
  readonly path: Path;
  /** Whether nobody on the way can read it. */
  readonly encrypted: boolean;
  /** Whether the peer runs the original program. */
  readonly classic: boolean;
  /** Why it is closed: `quit`, `closed`, `lost`, `rejected`, `expired`, `no-answer`, ... */
  readonly reason?: string;
}

/** A message in a private chat, by the peer. */
export interface PrivateEvent {
  /** Which event this is. */
  readonly event: "private";
  /** Who said it. */
  readonly from: string;
  /** What, exactly as it was sent. */
  readonly text: string;
  /** Whether nobody on the way can read it. */
  readonly encrypted: boolean;
}

/** The answer to the command `peers`. */
export interface PeersEvent {
  /** Which event this is. */
  readonly event: "peers";
  /** Who is here, and whether there is a private chat with them. */
  readonly peers: readonly (User & { readonly session: "none" | "opening" | "open" })[];
}

/** Something asked for was refused or failed; the client goes on. */
export interface ErrorEvent {
  /** Which event this is. */
  readonly event: "error";
  /** For programs; `docs/PROTOCOL.md` section 5, and the client's own. */
  readonly code: string;
  /** For people. */
  readonly message: string;
}

/** The last event. */
export interface ByeEvent {
  /** Which event this is. */
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
