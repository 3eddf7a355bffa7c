/**
 * What a client tells: one union of events, the only thing its faces see.
 *
 * @module
 */
import type { Trust } from "../store/trust_book.ts";
import type { User } from "../protocol/message.ts";
import type { Attempt } from "./attempts.ts";
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
  /** It was said before we came, perhaps by an earlier session of our own: the registry remembers. */
  readonly replayed?: true;
  /** Seconds since it was said; with `replayed` alone. */
  readonly age?: number;
}

/**
 * What was said before we came, where we asked for it: first `begin`, then the messages as `broadcast`, then `end`, and then what
 * is said since. A registry that gives nothing tells `end` alone, with the limit 0.
 */
export interface ReplayEvent {
  /** Which event this is. */
  readonly event: "replay";
  /** Before the messages, or after them. */
  readonly state: "begin" | "end";
  /** How many follow at most; at the `end`, how many there were, without those of who is blocked. */
  readonly count: number;
  /** How many messages the registry keeps for those who come. */
  readonly limit: number;
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
  /** How many messages of ours the peer has not confirmed; left out if it has confirmed all. */
  readonly unconfirmed?: number;
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
    /** How the bytes of an open chat travel. */
    readonly path?: Path;
    /** Whether nobody on the way can read an open chat. */
    readonly encrypted?: boolean;
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

/** The answer to the command `why`: what was tried to open a private chat, the oldest first. */
export interface WhyEvent {
  /** Which event this is. */
  readonly event: "why";
  /** With whom. */
  readonly peer: string;
  /** The last 20 things; nothing, if nothing was tried. */
  readonly attempts: readonly Attempt[];
}

/** The answer to the command `wire`. */
export interface WiretapEvent {
  /** Which event this is. */
  readonly event: "wiretap";
  /** Whether each thing that travels is told from now on. */
  readonly on: boolean;
}

/** Something travels; only after the command `wire`. */
export interface WireEvent {
  /** Which event this is. */
  readonly event: "wire";
  /** To us or from us. */
  readonly direction: "in" | "out";
  /** Between us and the registry, by UDP, or on a private link. */
  readonly channel: "registry" | "udp" | "private";
  /** With whom, where that is known. */
  readonly peer?: string;
  /** Of a frame's payload (its header has 4 more), a datagram, or a piece of a bare stream. */
  readonly bytes: number;
  /** What it is, for people. Without secrets, and of private texts only the length. */
  readonly text: string;
  /** Its first bytes in hexadecimal, up to the first secret. */
  readonly hex?: string;
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
  | ReplayEvent
  | InviteEvent
  | SessionEvent
  | PrivateEvent
  | PeersEvent
  | WhoamiEvent
  | WhyEvent
  | WiretapEvent
  | WireEvent
  | TrustEvent
  | BlockEvent
  | ErrorEvent
  | ByeEvent;
