/**
 * What a client tells: one union of events, the only thing its faces see.
 *
 * @module
 */
import type { Trust } from "../store/trust_book.ts";
import type { User } from "../protocol/message.ts";
import type { DropReason } from "./drops.ts";
import type { SessionReason } from "./reasons.ts";

/** How a private chat's bytes travel. */
export type Path = "direct" | "reversed" | "punched" | "relay";

/** Somebody in the room. */
export interface Peer extends User {
  /** A user known here, or a name known by its key, that this one could be mistaken for. */
  readonly looksLike?: string;
}

/** We are in the room; also each time that we had to register there anew. */
export interface RegisteredEvent {
  /** Which event this is. */
  readonly event: "registered";
  /** Our own name, with `~2` and so on if this key is there already. */
  readonly username: string;
  /** The process that runs the client. */
  readonly pid: number;
  /** Who is here, without oneself. */
  readonly peers: readonly Peer[];
}

/**
 * The registry was lost and is back, and has kept our place: what was said and who came and left meanwhile follows.
 */
export interface ResumedEvent {
  /** Which event this is. */
  readonly event: "resumed";
  /** Our own name: the one we had. */
  readonly username: string;
}

/** Messages to the room have not reached us: we were away too long or read too slowly, or the registry started anew. */
export interface GapEvent {
  /** Which event this is. */
  readonly event: "gap";
  /**
   * How many at most: where we had to register anew, messages of our own may be among them. `null` if the registry has
   * started anew: perhaps none.
   */
  readonly missed: number | null;
  /** 16 hexadecimal digits, other ones each time that the registry starts. */
  readonly epoch: string;
}

/** Somebody came or went. */
export interface PresenceEvent extends Peer {
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

/** Somebody asks for a private chat: accept or reject within 60 s. Or offers bytes, which another program has to take. */
export interface InviteEvent {
  /** Which event this is. */
  readonly event: "invite";
  /** Who asks. */
  readonly from: string;
  /** `pipe` for bytes; left out for a private chat. */
  readonly for?: "pipe";
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
  /** Whether our user has compared the safety number of the peer's key. */
  readonly verified: boolean;
  /** Whether the peer has no key and is spoken to as the original program does. */
  readonly classic: boolean;
  /** Why it is closed. */
  readonly reason?: SessionReason;
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
  /** Whether our user has compared the safety number of the peer's key. */
  readonly verified: boolean;
}

/** The answer to the command `peers`. */
export interface PeersEvent {
  /** Which event this is. */
  readonly event: "peers";
  /** Who is here, and whether there is a private chat with them. */
  readonly peers: readonly (Peer & {
    readonly session: "none" | "opening" | "open";
    /** What their key is to us. */
    readonly trust: Trust;
    /** Whether our user wants to hear nothing of them. */
    readonly blocked: boolean;
  })[];
}

/** The answer to the command `whoami`. */
export interface WhoamiEvent {
  /** Which event this is. */
  readonly event: "whoami";
  /** Our own name. */
  readonly username: string;
  /** Of our key: 10 groups of 4 hexadecimal digits. */
  readonly fingerprint: string;
  /** Whether the key is there the next time, too. */
  readonly kept: boolean;
  /** Of the registry's key. */
  readonly registry: string;
  /** What arrived and was dropped without a word, by reason. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

/** The answer to the commands `verify`, `verified`, `trust` and `forget`: what a peer's key is to us. */
export interface TrustEvent {
  /** Which event this is. */
  readonly event: "trust";
  /** Whose key. */
  readonly peer: string;
  /** What it is to us now. */
  readonly trust: Trust;
  /** 12 groups of 5 digits, the same at the peer; for a peer that is here with a key. */
  readonly safetyNumber?: string;
}

/** The answer to the commands `block` and `unblock`. */
export interface BlockEvent {
  /** Which event this is. */
  readonly event: "block";
  /** Of whom. */
  readonly peer: string;
  /** Whether nothing is heard of them from now on. */
  readonly blocked: boolean;
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
  | ResumedEvent
  | GapEvent
  | PresenceEvent
  | BroadcastEvent
  | InviteEvent
  | SessionEvent
  | PrivateEvent
  | PeersEvent
  | WhoamiEvent
  | TrustEvent
  | BlockEvent
  | ErrorEvent
  | ByeEvent;
