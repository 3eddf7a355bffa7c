import { ProtocolError } from "../protocol/error.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { checkText } from "../protocol/message.ts";
import type { NameKey } from "../protocol/name.ts";
import type { Path, SessionEvent } from "./events.ts";
import { MAX_QUEUED_TEXTS } from "./limits.ts";
import type { PeerPort } from "./port.ts";
import type { PrivateLink, PrivateLinks } from "./private_links.ts";
import type { SessionReason } from "./reasons.ts";

/** An open private chat. */
interface Chat {
  readonly peer: KeyedUser;
  readonly classic: boolean;
  /** One, or for a classic peer up to four; the newest, which is written to, is the last. */
  readonly links: PrivateLink[];
}

/** The private chats that are open, and the texts that wait for one to open. */
export class Chats {
  readonly #port: PeerPort;
  readonly #links: PrivateLinks;
  readonly #isVerified: (peer: KeyedUser) => boolean;
  readonly #open = new Map<NameKey, Chat>();
  readonly #waiting = new Map<NameKey, string[]>();

  /** @param isVerified whether our user has verified the key of a peer */
  constructor(port: PeerPort, links: PrivateLinks, isVerified: (peer: KeyedUser) => boolean) {
    this.#port = port;
    this.#links = links;
    this.#isVerified = isVerified;
  }

  /** The peer of an open chat. */
  peer(key: NameKey): KeyedUser | undefined {
    return this.#open.get(key)?.peer;
  }

  /** The peers of all open chats. */
  get peers(): KeyedUser[] {
    return Array.from(this.#open.values(), ({ peer }) => peer);
  }

  /** Whether the open chat with `key`, if any, is with the original program. */
  isClassic(key: NameKey): boolean {
    return this.#open.get(key)?.classic ?? false;
  }

  /** How the open chat with `key` travels; `undefined` if there is none. */
  describe(key: NameKey): { path: Path; encrypted: boolean } | undefined {
    const chat = this.#open.get(key);
    return chat && { path: "direct", encrypted: !chat.classic };
  }

  /** Takes a link into its peer's chat, opening that if it is the first. */
  linkOpened(link: PrivateLink, now: number): void {
    const { key, peer, classic } = link;
    const chat = this.#open.get(key);
    if (chat?.classic && classic) {
      chat.links.push(link);
      return;
    }
    // The peer has lost the chat we still hold, or it would not have asked for another.
    if (chat) this.close(key, "replaced");
    this.#open.set(key, { peer, classic, links: [link] });
    // Before anybody is told, who may have something to say that has to come after them.
    for (const text of this.#waiting.get(key) ?? []) link.wire?.say(text, now);
    this.#waiting.delete(key);
    this.#tell(peer, classic, "open");
  }

  /** A text arrived. */
  linkText(link: PrivateLink, text: string): void {
    const { peer, classic } = link;
    const from = peer.username;
    const verified = this.#isVerified(peer);
    this.#port.emit({ event: "private", from, text, encrypted: !classic, verified });
  }

  /**
   * A link is over, and with it the chat: of several links to a classic peer it forgets all when one
   * ends.
   */
  linkClosed(link: PrivateLink, reason: SessionReason): void {
    if (this.#open.get(link.key)?.links.includes(link)) this.close(link.key, reason);
  }

  /**
   * Sends a text in an open chat.
   *
   * @returns whether there is one
   */
  say(key: NameKey, text: string, now: number): boolean {
    const link = this.#open.get(key)?.links.at(-1);
    link?.wire?.say(text, now);
    return link !== undefined;
  }

  /**
   * Keeps a text until the chat opens.
   *
   * @throws {ProtocolError} `flood` if too many wait already
   */
  wait(key: NameKey, text: string): void {
    const texts = this.#waiting.get(key) ?? [];
    if (texts.length >= MAX_QUEUED_TEXTS) {
      throw new ProtocolError("flood", "too many messages are waiting for this chat");
    }
    this.#waiting.set(key, [...texts, text]);
  }

  /** Ends a chat; says whether there was one. */
  close(key: NameKey, reason: SessionReason): boolean {
    const chat = this.#open.get(key);
    if (!chat) return false;
    this.#open.delete(key);
    for (const link of chat.links) this.#links.close(link, reason);
    this.#tell(chat.peer, chat.classic, "closed", reason);
    return true;
  }

  /** Ends all chats. */
  closeAll(reason: SessionReason): void {
    for (const key of [...this.#open.keys()]) this.close(key, reason);
  }

  /** A chat that was to open did not: its texts are void. */
  failed(
    peer: KeyedUser,
    key: NameKey,
    reason: SessionReason,
    error?: { code: string; message: string },
  ): void {
    const lost = this.#waiting.get(key)?.length ?? 0;
    this.#waiting.delete(key);
    if (error) {
      const undelivered = lost === 0 ? "" : ` (${lost} not delivered)`;
      this.#port.emit({ event: "error", code: error.code, message: error.message + undelivered });
    }
    // An open chat that a second attempt was to replace lives on.
    if (!this.#open.has(key)) this.#tell(peer, peer.key === undefined, "closed", reason);
  }

  #tell(
    peer: KeyedUser,
    classic: boolean,
    state: SessionEvent["state"],
    reason?: SessionReason,
  ): void {
    this.#port.emit({
      event: "session",
      peer: peer.username,
      state,
      path: "direct",
      encrypted: !classic,
      verified: this.#isVerified(peer),
      classic,
      ...(reason !== undefined && { reason }),
    });
  }
}

/**
 * Makes sure that a text can be sent.
 *
 * @throws {ProtocolError} `too-long`, or `bad-message` for an empty one
 */
export function checkSendable(text: string): void {
  if (text === "") throw new ProtocolError("bad-message", "nothing to send");
  checkText(text);
}
