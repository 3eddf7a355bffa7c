/**
 * The client as one machine without sockets: what arrives is handed in, time is passed in, and what is
 * to be done goes to a {@linkcode PeerPort}. Two of them and a registry can be run against each other
 * in a test, with a manual clock.
 *
 * @module
 */
import type { Identity } from "../crypto/identity.ts";
import type { RegistryPin } from "../store/registry_pin.ts";
import type { TrustBook } from "../store/trust_book.ts";
import type { KeyPair } from "../crypto/x25519.ts";
import type { Endpoint } from "../protocol/address.ts";
import { type Datagram, parseDatagram } from "../protocol/datagram.ts";
import { RUN_DIGITS } from "../protocol/delivery.ts";
import { earliest } from "../protocol/earliest.ts";
import { ProtocolError } from "../protocol/error.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { nameKey } from "../protocol/name.ts";
import type { RelayNotice } from "../protocol/relay.ts";
import { encodeUtf8 } from "../protocol/utf8.ts";
import { Attempts, type DialFailure } from "./attempts.ts";
import { Calls } from "./calls.ts";
import { Chats } from "./chats.ts";
import { CommandDesk } from "./command_desk.ts";
import type { AcceptPolicy, ClientCommand, RelayPolicy } from "./commands.ts";
import { Drops } from "./drops.ts";
import type { ClientEvent } from "./events.ts";
import { Ladders } from "./ladders.ts";
import { Leaving, type UnfinishedWork } from "./leaving.ts";
import { linkPort } from "./link_port.ts";
import { NameEndings } from "./name_endings.ts";
import { OfferGuard } from "./offer_guard.ts";
import type { PipeTask } from "./pipe_task.ts";
import { Pipes } from "./pipes.ts";
import type { LinkId, PeerPort } from "./port.ts";
import { type PrivateLink, PrivateLinks } from "./private_links.ts";
import type { SessionReason } from "./reasons.ts";
import { Post, type Way } from "./post.ts";
import { Recoveries } from "./recoveries.ts";
import { RegistryGreeting } from "./registry_greeting.ts";
import { RegistrySession } from "./registry_session.ts";
import { RelayLinks } from "./relay_links.ts";
import { Roster } from "./roster.ts";
import { type OwnAddress, Self } from "./self.ts";
import { tappedPort } from "./tapped_port.ts";
import { TrustDesk } from "./trust_desk.ts";
import { Wiretap } from "./wiretap.ts";

/** Who the client is and what it draws on. */
export interface EngineOptions {
  readonly username: string;
  readonly identity: Identity;
  readonly accept: AcceptPolicy;
  /** Whether to have private chats with users without a key. */
  readonly classic: boolean;
  /** How many messages from before we came to ask the registry for; left out: do not ask. */
  readonly replay?: number | undefined;
  /** What is known of others' keys. */
  readonly trust: TrustBook;
  /** What is known of the registry's. */
  readonly registryPin: RegistryPin;
  /** The process, told in the `registered` event. */
  readonly pid: number;
  /** A number from 0 (included) to 1 (not), for waiting times. */
  readonly random: () => number;
  /** 32 lower-case hexadecimal digits that nobody can guess. */
  readonly newId: () => string;
  /** A new X25519 key pair. */
  readonly newKeyPair: () => KeyPair;
  /** Whether private chats may go through the registry where there is no direct way; they may where left out. */
  readonly relay?: RelayPolicy;
  /** Bytes to be sent or taken. */
  readonly pipe?: PipeTask | undefined;
}

/** How the client's life ended. */
export interface Outcome {
  /** `quit`, or the code of the error that kept it from its work. */
  readonly reason: string;
  /** For people; empty after a quit with nothing left undone. */
  readonly message: string;
}

/** The machine. */
export class Engine {
  readonly #port: PeerPort;
  readonly #roster: Roster;
  readonly #trust: TrustBook;
  readonly #desk: CommandDesk;
  readonly #drops = new Drops();
  readonly #attempts = new Attempts();
  readonly #wiretap = new Wiretap();
  readonly #registry: RegistrySession;
  readonly #links: PrivateLinks;
  readonly #relay: RelayLinks;
  readonly #recoveries: Recoveries;
  readonly #ladders: Ladders;
  #ownIps: readonly string[] = [];
  readonly #chats: Chats;
  readonly #calls: Calls;
  /** Bytes from program to program. */
  readonly pipes: Pipes;
  #nextLink = 0;
  #now = 0;
  readonly #leaving = new Leaving();
  #left = false;
  #outcome: Outcome | undefined;

  /** @throws {ProtocolError} `bad-name` */
  constructor(options: EngineOptions, world: PeerPort) {
    const { accept, classic, pid, random, replay, newId, newKeyPair, trust } = options;
    const wiretap = this.#wiretap;
    const port = this.#port = tappedPort(world, wiretap);
    this.#trust = trust;
    const self = new Self(options.username, options.identity);
    const roster = this.#roster = new Roster(self);
    const [drops, attempts] = [this.#drops, this.#attempts];
    const emit = (event: ClientEvent): void => port.emit(event);
    const trustDesk = new TrustDesk({
      ...{ self, roster, trust, drops, emit },
      blocked: () => endings.blocked(),
      trusted: (user) => endings.trusted(user),
    });
    const mayRelay = options.relay !== "never";
    const asks = { replay: replay !== undefined, relay: mayRelay };
    const greeting = new RegistryGreeting({
      ...asks,
      ...{ self, pin: options.registryPin, trust, newId },
    });
    const run = newId().slice(0, RUN_DIGITS);
    const registry = this.#registry = new RegistrySession(
      {
        ...{ self, greeting, pid, roster, run, replay, random },
        heard: (payload) => wiretap.heardFromRegistry(payload),
      },
      port,
      {
        registered: () => {
          trustDesk.entered();
          this.#calls.rosterReplaced();
          this.pipes.entered(this.#now);
        },
        changed: (name) => {
          this.#calls.changed(name);
          recoveries.changed(nameKey(name));
          this.pipes.changed(name, this.#now);
        },
        online: () => recoveries.online(this.#now),
        offline: () => relay.offline(),
        relayed: (message, now) => this.#relayed(message, now),
        seen: (user) => trustDesk.seen(user),
        told: (user) => trustDesk.check(user),
        isBlocked: (name) => trust.isBlocked(name, roster.keyOf(name)),
        failed: (code, text) => {
          this.pipes.cancel();
          this.#error(code, text);
          this.#finish({ reason: code, message: text });
        },
      },
    );
    const relay = this.#relay = new RelayLinks({
      send: (request) => registry.relay(request, this.#now),
      opened: (id) => links.opened(id, this.#now),
      received: (id, chunk) => links.receive(id, chunk, this.#now),
      ended: (id) => links.ended(id),
    });
    const links = this.#links = new PrivateLinks(
      {
        self,
        drops,
        attempts,
        wiretap,
        newKeyPair,
        refuse: (peer) => this.#refusal(peer, trustDesk),
        goesOn: (link) => this.#chats.hasOther(link),
        clock: () => this.#now,
      },
      linkPort(port, relay),
      {
        linkOpened: (link) => this.#linkOpened(link),
        linkText: (link, text) => this.#chats.linkText(link, text),
        linkMessage: (link, message) => this.#chats.linkMessage(link, message, this.#now),
        linkClosed: (link, reason) => this.#linkClosed(link, reason),
        linkFailed: (link, reason) => {
          this.#calls.linkFailed(link, reason);
          recoveries.failed(link, this.#now);
          ladders.failed(link, this.#now);
        },
      },
    );
    const newLinkId = (): LinkId => this.newLinkId();
    const relays = (): boolean => registry.relays;
    const isOnline = (): boolean => registry.registered;
    const recoveries = this.#recoveries = new Recoveries({
      ...{ roster, links, mayRelay, isOnline, relays, newLinkId },
      gaveUp: (key) => void calls.endChat(key, "lost"),
    });
    const isVerified = (peer: KeyedUser): boolean => trust.of(peer) === "verified";
    const chats = this.#chats = new Chats(port, links, recoveries, {
      moved: (link, leads) => {
        links.settle(link, leads);
        ladders.moved(link, leads, this.#now);
      },
      about: ({ key }, message) => ladders.heard(key, message, this.#now),
      closed: (key) => ladders.end(key),
    }, isVerified);
    const ladders = this.#ladders = new Ladders({
      ...{ links, newId, newLinkId, clock: () => this.#now },
      ownIps: () => this.#ownIps,
      tell: (key, message) => chats.tellPaths(key, message),
    }, port);
    const post = new Post(
      port,
      (session, datagram) => registry.relay({ verb: "PASS", session, datagram }, this.#now),
    );
    const keyChanged = (user: KeyedUser): void => trustDesk.warn(user);
    const guard = new OfferGuard({ self, roster, trust, drops, classic, keyChanged });
    const isKnown = (user: KeyedUser): boolean => ["known", "verified"].includes(trust.of(user));
    const calls = this.#calls = new Calls(
      {
        ...{ self, accept, isKnown, roster, guard, chats, links, attempts, newId, newLinkId },
        ...{ post, relays },
        clock: () => this.#now,
      },
      port,
    );
    const refuse = (peer: KeyedUser): SessionReason | undefined => this.#refusal(peer, trustDesk);
    const met = (user: KeyedUser): void => trust.meet(user);
    const pipes = this.pipes = new Pipes(
      {
        self,
        roster,
        newId,
        newLinkId,
        newKeyPair,
        refuse,
        met,
        guard,
        accept,
        task: options.pipe,
      },
      post,
      port,
    );
    const endings = new NameEndings({ roster, trust, chats, calls });
    const told = { self, roster, trust, trustDesk, attempts, wiretap };
    this.#desk = new CommandDesk({ ...told, registry, calls, chats, pipes, classic, emit });
  }

  /** Set once there is nothing left to do; all connections are ending then. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  /** Who is in the room, without oneself. */
  get peers(): readonly KeyedUser[] {
    return this.#roster.users;
  }

  /** Broadcasts that are not known to have arrived. */
  get pending(): number {
    return this.#registry.pending;
  }

  /** A number for a link that the host accepted, for {@linkcode linkAccepted}. */
  newLinkId(): LinkId {
    return ++this.#nextLink;
  }

  /** Begins to connect. */
  start(now: number): void {
    this.#now = now;
    this.#registry.connect(now);
  }

  /** Carries out one command; what is wrong with it comes back as an `error` event. */
  command(command: ClientCommand, now: number): void {
    this.#now = now;
    if (this.#outcome || this.#leaving.asked) return;
    try {
      if (command.command === "quit") this.quit(false, now);
      else this.#desk.carryOut(command, now);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // An empty text is a fault of the command here, not of a message.
      const code = error.code === "bad-message" ? "bad-command" : error.code;
      this.#error(code, `Cannot ${command.command}: ${error.message}`);
    }
    this.#tellWire();
  }

  /**
   * Quits once what was asked for is done: broadcasts sent, chats opened or failed, texts written.
   *
   * @param patient whether that may take as long as it takes; else 2 s for chats, 10 s for messages
   */
  quit(patient: boolean, now: number): void {
    this.#now = now;
    this.#leaving.ask(patient, now);
    this.#settle();
  }

  /** The connection to the registry is there; others reach us at `own`. */
  registryOpened(own: OwnAddress): void {
    this.#ownIps = [own.localIp ?? own.ip, own.ip];
    this.#registry.opened(own);
    this.#tellWire();
  }

  /** Bytes from the registry, in any chunking. */
  registryReceived(chunk: Uint8Array, now: number): void {
    this.#now = now;
    this.#registry.receive(chunk, now);
    this.#settle();
  }

  /** The connection to the registry is over, or could not be made; `why` is for people. */
  registryClosed(why: string, now: number): void {
    this.#now = now;
    this.#registry.closed(why, now);
    this.#settle();
  }

  /** A datagram; what is not as it should be is dropped without a word. */
  datagram(bytes: Uint8Array, from: Endpoint, now: number): void {
    this.#now = now;
    this.#wiretap.datagram("in", bytes, from);
    this.#heard(bytes, from, now);
    this.#settle();
  }

  /** What is a datagram, whichever way it came. */
  #heard(bytes: Uint8Array, from: Way, now: number): void {
    let datagram: Datagram;
    try {
      datagram = parseDatagram(bytes);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#drops.count("malformed");
    }
    switch (datagram.kind) {
      case "offer":
        if (datagram.signed?.purpose === "pipe") this.pipes.offered(datagram, from, now);
        else this.#calls.offered(datagram, from, now);
        break;
      case "answer":
        this.#calls.answered(datagram, from, now);
        this.pipes.answered(datagram, from, now);
        break;
      default:
        this.#drops.count("unasked");
    }
  }

  /** What the registry tells of private chats that go through it. */
  #relayed(message: RelayNotice, now: number): void {
    switch (message.verb) {
      case "PASSED":
        return this.#heard(encodeUtf8(message.datagram), { session: message.session }, now);
      case "UNPASSED":
        return; // The offer is repeated, or its time runs out.
      default:
        this.#relay.told(message, now);
    }
  }

  /** The port for an offer is there. */
  listening(offer: string, tcpPort: number, now: number): void {
    this.#now = now;
    if (this.pipes.offering?.listening(offer, tcpPort, now)) return;
    if (this.#ladders.listening(offer, tcpPort, now)) return this.#tellWire();
    this.#calls.listening(offer, tcpPort, now);
    this.#tellWire();
  }

  /** No port can be had for an offer; `why` is for people. */
  listenFailed(offer: string, why: string): void {
    if (this.pipes.offering?.listenFailed(offer)) return;
    this.#calls.listenFailed(offer, why);
    this.#settle();
  }

  /** A connection to the port of an offer, under a number of {@linkcode newLinkId}. */
  linkAccepted(link: LinkId, offer: string, remoteIp: string, now: number): void {
    this.#now = now;
    if (this.pipes.offering?.linkAccepted(link, offer, now)) return;
    if (this.#ladders.linkAccepted(link, offer, remoteIp, now)) return;
    this.#calls.linkAccepted(link, offer, remoteIp, now);
  }

  /** A port of ours is seen so by the registry; `undefined` if it does not tell. */
  observed(probe: LinkId, seen: Endpoint | undefined, now: number): void {
    this.#now = now;
    this.#ladders.observed(probe, seen, now);
    this.#settle();
  }

  /** A link that was dialled is connected. */
  linkOpened(link: LinkId, now: number): void {
    this.#now = now;
    if (!this.pipes.linkOpened(link, now)) this.#links.opened(link, now);
    this.#settle();
  }

  /** Bytes on a link, in any chunking. */
  linkReceived(link: LinkId, chunk: Uint8Array, now: number): void {
    this.#now = now;
    if (!this.pipes.linkReceived(link, chunk, now)) this.#links.receive(link, chunk, now);
    this.#settle();
  }

  /** Little of what was sent on a link waits any more. */
  linkDrained(link: LinkId, now: number): void {
    this.#now = now;
    this.pipes.offering?.linkDrained(link);
  }

  /** A link is over, or could not be made, for `failure`. */
  linkEnded(link: LinkId, now: number, failure?: DialFailure): void {
    this.#now = now;
    if (!this.pipes.linkEnded(link)) this.#links.ended(link, failure);
    this.#settle();
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    if (this.#outcome) return undefined;
    const parts = [
      ...[this.#registry, this.#relay, this.#calls, this.#links, this.#chats, this.#recoveries],
      ...[this.#ladders, this.pipes],
    ];
    const times = parts.map((part) => part.nextTimeout());
    return earliest([...times, this.#leaving.nextTimeout(this.#unfinished(), this.#now)]);
  }

  /** Does what is due at `now`. */
  timeout(now: number): void {
    this.#now = now;
    this.#registry.timeout(now);
    this.#relay.timeout(now);
    this.#calls.timeout(now);
    this.#links.timeout(now);
    this.#chats.timeout(now);
    this.#recoveries.timeout(now);
    this.#ladders.timeout(now);
    this.pipes.timeout(now);
    this.#settle();
  }

  #linkOpened(link: PrivateLink): void {
    if (link.wire?.provenKey) this.#trust.meet({ ...link.peer, key: link.wire.provenKey });
    this.#calls.linkOpened(link, this.#now);
    this.#chats.linkOpened(link, this.#now);
  }

  /** Why a private chat with a peer as it was when it was offered is not to be now. */
  #refusal(peer: KeyedUser, trustDesk: TrustDesk): SessionReason | undefined {
    const now = this.#roster.find(peer.username);
    if (now && now.key?.publicKey !== peer.key?.publicKey) return "key-changed";
    return trustDesk.refusal(peer);
  }

  #linkClosed(link: PrivateLink, reason: SessionReason): void {
    this.#chats.linkClosed(link, reason, this.#now);
    if (!this.#chats.peer(link.key)) this.#calls.chatClosed(link.key);
  }

  /** The end of each thing that is done to this machine. */
  #settle(): void {
    this.#quitIfDone();
    this.#tellWire();
  }

  /** Tells what has travelled, now that nothing is in the middle of anything. */
  #tellWire(): void {
    for (const event of this.#wiretap.take()) this.#port.emit(event);
  }

  #quitIfDone(): void {
    if (this.#outcome || this.#left) return;
    if (!this.#leaving.mayGo(this.#unfinished(), this.#now)) return;
    // What is told from here on may make somebody ask for the same again.
    this.#left = true;
    const { unread } = this.#unfinished();
    this.#calls.cancelAll("quit");
    this.pipes.cancel();
    this.#chats.closeAll("quit");
    const lost = this.#links.abandon() + this.#registry.pending;
    const messages = [
      lost > 0 ? `${lost} messages were not` : "",
      unread > 0 ? `peers had not read ${unread} bytes` : "",
    ].filter((part) => part !== "");
    const message = messages.length === 0 ? "" : `Left before all was sent: ${messages.join(", ")}`;
    if (message !== "") this.#error("closing", message);
    this.#finish({ reason: "quit", message });
  }

  #unfinished(): UnfinishedWork {
    return {
      opening: this.#calls.busy,
      sending: this.#links.busy,
      broadcasts: this.#registry.pending,
      online: this.#registry.registered,
      unread: Math.max(this.#links.queuedBytes, this.#chats.unseenBytes),
    };
  }

  #finish(outcome: Outcome): void {
    this.#outcome = outcome;
    this.#registry.quit();
    this.#port.emit({ event: "bye", reason: outcome.reason });
  }

  #error(code: string, message: string): void {
    this.#port.emit({ event: "error", code, message });
  }
}
