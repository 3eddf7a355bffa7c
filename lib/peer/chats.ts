import { earliest } from "../protocol/earliest.ts";
import { ProtocolError } from "../protocol/error.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { checkText } from "../protocol/message.ts";
import type { NameKey } from "../protocol/name.ts";
import type { PathMessage, SessionMessage } from "../protocol/private.ts";
import type { Path, SessionEvent } from "./events.ts";
import { MAX_QUEUED_TEXTS } from "./limits.ts";
import type { PeerPort } from "./port.ts";
import type { PrivateLink, PrivateLinks } from "./private_links.ts";
import type { SessionReason } from "./reasons.ts";
import { SealedSession } from "./sealed_session.ts";

/** An open private chat. */
type Chat = SealedOne | ClassicOne;

/** With a user who has a key. */
interface SealedOne {
  readonly classic: false;
  readonly peer: KeyedUser;
  /** The id of the offer that it is for. */
  readonly offer: string | undefined;
  /** Which side of a link we take that the registry makes: whoever dialled the first one is the dialler. */
  readonly role: PrivateLink["role"];
  /** That of the link over which we speak, or spoke last. */
  path: Path;
  readonly session: SealedSession<PrivateLink>;
}

/** With one who has none. */
interface ClassicOne {
  readonly classic: true;
  readonly peer: KeyedUser;
  /** Up to four; the newest, which is written to, is the last. */
  readonly links: PrivateLink[];
}

/** Who looks for better ways. */
export interface ChatHooks {
  /** What we say goes over that link from now on; `leads`: of a session of an offer of ours. */
  moved(link: PrivateLink, leads: boolean): void;
  /** What a peer says of paths. */
  about(link: PrivateLink, message: PathMessage): void;
  /** A chat is over. */
  closed(key: NameKey): void;
}

/** Who is asked for another link where the last one of a chat is lost. */
export interface ChatRecoveries {
  /** Says whether another one may be had. */
  begin(link: PrivateLink, role: PrivateLink["role"], now: number): boolean;
  /** There is one again, or the chat is over. */
  end(key: NameKey): void;
}

/** The private chats that are open, and the texts that wait for one to open. */
export class Chats {
  readonly #port: PeerPort;
  readonly #links: PrivateLinks;
  readonly #isVerified: (peer: KeyedUser) => boolean;
  readonly #recoveries: ChatRecoveries;
  readonly #hooks: ChatHooks;
  readonly #open = new Map<NameKey, Chat>();
  readonly #waiting = new Map<NameKey, string[]>();

  /** @param isVerified whether our user has verified the key of a peer */
  constructor(
    port: PeerPort,
    links: PrivateLinks,
    recoveries: ChatRecoveries,
    hooks: ChatHooks,
    isVerified: (peer: KeyedUser) => boolean,
  ) {
    this.#port = port;
    this.#recoveries = recoveries;
    this.#hooks = hooks;
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

  /** Whether the chat of an open link has another one. */
  hasOther({ key, offer }: PrivateLink): boolean {
    const chat = this.#open.get(key);
    return chat?.classic === false && chat.offer === offer && chat.session.links.length > 1;
  }

  /** How the open chat with `key` travels; `undefined` if there is none. */
  describe(key: NameKey): { path: Path; encrypted: boolean } | undefined {
    const chat = this.#open.get(key);
    return chat && { path: pathOf(chat), encrypted: !chat.classic };
  }

  /** Takes a link into its peer's chat, opening that if it is the first. */
  linkOpened(link: PrivateLink, now: number): void {
    const { key, peer, offer } = link;
    const chat = this.#open.get(key);
    if (chat?.classic && link.classic) {
      chat.links.push(link);
      return;
    }
    if (chat && !chat.classic && !link.classic && chat.offer === offer) {
      this.#recoveries.end(key);
      return chat.session.linkOpened(link);
    }
    // The peer has lost the chat we still hold, or it would not have asked for another.
    if (chat) this.close(key, "replaced");
    const { role, path } = link;
    const opened: Chat = link.classic
      ? { classic: true, peer, links: [link] }
      : { classic: false, peer, offer, role, path, session: this.#newSession(link) };
    this.#open.set(key, opened);
    // Before anybody is told, who may have something to say that has to come after them.
    for (const text of this.#waiting.get(key) ?? []) this.#say(opened, text, now);
    this.#waiting.delete(key);
    if (!opened.classic) opened.session.linkOpened(link);
    this.#tell(peer, opened, "open");
  }

  #newSession({ peer, role }: PrivateLink): SealedSession<PrivateLink> {
    return new SealedSession(role === "listener", {
      tell: ({ wire }, message) => {
        if (wire && "tell" in wire) wire.tell(message);
      },
      text: (text) => this.#heard(peer, text, true),
      about: (link, message) => this.#hooks.about(link, message),
      moved: (link) => this.#moved(link),
      retire: (link) => this.#links.retire(link),
    });
  }

  /** What we say goes another way than before: our user is told, once. */
  #moved(link: PrivateLink): void {
    const { key, path } = link;
    const chat = this.#open.get(key);
    if (!chat || chat.classic) return;
    if (chat.path !== path) {
      chat.path = path;
      this.#tell(chat.peer, chat, "open");
    }
    this.#hooks.moved(link, chat.role === "listener");
  }

  /** Says something of paths to the peer of an open chat. */
  tellPaths(key: NameKey, message: PathMessage): void {
    const chat = this.#open.get(key);
    if (chat && !chat.classic) chat.session.tell(message);
  }

  /** A text arrived from a peer without a key. */
  linkText({ peer }: PrivateLink, text: string): void {
    this.#heard(peer, text, false);
  }

  /**
   * A message arrived on a sealed link.
   *
   * @throws {ProtocolError} if it cannot be
   */
  linkMessage(link: PrivateLink, message: SessionMessage, now: number): void {
    const chat = this.#open.get(link.key);
    if (chat?.classic === false) chat.session.message(link, message, now);
  }

  #heard(peer: KeyedUser, text: string, encrypted: boolean): void {
    const verified = this.#isVerified(peer);
    this.#port.emit({ event: "private", from: peer.username, text, encrypted, verified });
  }

  /**
   * A link is over, and with it the chat, unless another link of the same session was open: of several links to a classic
   * peer it forgets all when one ends.
   */
  linkClosed(link: PrivateLink, reason: SessionReason, now: number): void {
    const chat = this.#open.get(link.key);
    if (!chat || !linksOf(chat).includes(link)) return;
    if (!chat.classic && reason === "lost") {
      chat.session.linkClosed(link);
      if (chat.session.links.length > 0) return;
      if (this.#recoveries.begin(link, chat.role, now)) return;
    }
    this.close(link.key, reason);
  }

  /**
   * Sends a text in an open chat.
   *
   * @returns whether there is one
   * @throws {ProtocolError} `slow` if the peer has not taken what was said before
   */
  say(key: NameKey, text: string, now: number): boolean {
    const chat = this.#open.get(key);
    if (chat) this.#say(chat, text, now);
    return chat !== undefined;
  }

  #say(chat: Chat, text: string, now: number): void {
    if (!chat.classic) return chat.session.say(text);
    const wire = chat.links.at(-1)?.wire;
    if (wire && "say" in wire) wire.say(text, now);
  }

  /** Bytes of texts that peers have not confirmed. */
  get unseenBytes(): number {
    return this.#sessions.reduce((sum, { unseen }) => sum + unseen.bytes, 0);
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return earliest(this.#sessions.map((session) => session.nextTimeout()));
  }

  /** Does what is due at `now`. */
  timeout(now: number): void {
    for (const session of this.#sessions) session.timeout(now);
  }

  get #sessions(): SealedSession<PrivateLink>[] {
    return [...this.#open.values()].flatMap((chat) => chat.classic ? [] : [chat.session]);
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
    this.#recoveries.end(key);
    this.#hooks.closed(key);
    const unconfirmed = chat.classic ? 0 : chat.session.unseen.count;
    for (const link of linksOf(chat)) this.#links.close(link, reason);
    this.#tell(chat.peer, chat, "closed", reason, unconfirmed);
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
    const classic = peer.key === undefined;
    if (!this.#open.has(key)) this.#tell(peer, { classic, path: "direct" }, "closed", reason);
  }

  #tell(
    peer: KeyedUser,
    { classic, path }: { readonly classic: boolean; readonly path?: Path },
    state: SessionEvent["state"],
    reason?: SessionReason,
    unconfirmed = 0,
  ): void {
    this.#port.emit({
      event: "session",
      peer: peer.username,
      state,
      path: path ?? "direct",
      encrypted: !classic,
      verified: this.#isVerified(peer),
      classic,
      ...(reason !== undefined && { reason }),
      ...(unconfirmed > 0 && { unconfirmed }),
    });
  }
}

function pathOf(chat: Chat): Path {
  return chat.classic ? "direct" : chat.path;
}

function linksOf(chat: Chat): readonly PrivateLink[] {
  return chat.classic ? chat.links : chat.session.links;
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
