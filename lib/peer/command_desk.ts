import type { TrustBook } from "../store/trust_book.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { nameKey } from "../protocol/name.ts";
import type { Attempts } from "./attempts.ts";
import type { Calls } from "./calls.ts";
import { type Chats, checkSendable } from "./chats.ts";
import type { ClientCommand } from "./commands.ts";
import type { ClientEvent } from "./events.ts";
import type { Pipes } from "./pipes.ts";
import type { RegistrySession } from "./registry_session.ts";
import type { Roster } from "./roster.ts";
import type { Self } from "./self.ts";
import type { TrustDesk } from "./trust_desk.ts";
import type { Wiretap } from "./wiretap.ts";

/** What a {@linkcode CommandDesk} works with. */
export interface CommandDeskOptions {
  readonly self: Self;
  readonly roster: Roster;
  readonly trust: TrustBook;
  readonly trustDesk: TrustDesk;
  readonly registry: RegistrySession;
  readonly calls: Calls;
  readonly chats: Chats;
  readonly attempts: Attempts;
  readonly wiretap: Wiretap;
  readonly pipes: Pipes;
  /** Whether to have private chats with users without a key. */
  readonly classic: boolean;
  readonly emit: (event: ClientEvent) => void;
}

/** Carries out what our user asks for. */
export class CommandDesk {
  readonly #o: CommandDeskOptions;

  constructor(options: CommandDeskOptions) {
    this.#o = options;
  }

  /**
   * Carries out one command; what becomes of it comes as events.
   *
   * @throws {ProtocolError} if it cannot be
   */
  carryOut(command: Exclude<ClientCommand, { command: "quit" }>, now: number): void {
    const { registry, calls, pipes, trustDesk } = this.#o;
    switch (command.command) {
      case "broadcast":
        checkSendable(command.text);
        return registry.broadcast(command.text, now);
      case "chat":
        return this.#chat(command.to, command.text, now);
      case "start":
        return this.#start(command.to, now);
      case "accept":
        if (calls.accept(nameKey(command.to), now)) return;
        if (pipes.hasOffer(nameKey(command.to))) {
          const how = `bytes go to a program: confab-client pipe --from ${command.to}`;
          return this.#error("bad-command", how);
        }
        return this.#error("bad-command", `${command.to} has not asked for a chat`);
      case "reject":
        if (calls.reject(nameKey(command.to)) || pipes.reject(nameKey(command.to))) return;
        return this.#error("bad-command", `${command.to} has not asked for a chat`);
      case "close":
        return this.#close(command.to);
      case "verify":
      case "verified":
      case "trust":
      case "forget":
      case "block":
      case "unblock":
        return trustDesk.decide(command.command, command.to);
      case "peers":
        return this.#tellPeers();
      case "whoami":
        return trustDesk.tellWhoami();
      case "wire":
        return this.#turnWiretap(command.on);
      case "why":
        return this.#tellWhy(command.to, now);
    }
  }

  #start(to: string, now: number): void {
    const { calls, chats } = this.#o;
    const key = nameKey(to);
    if (chats.peer(key)) return this.#error("bad-command", `a chat with ${to} is open`);
    if (calls.isOpening(key)) return this.#error("bad-command", `${to} is being asked`);
    const peer = this.#peer(to);
    if (peer) calls.start(peer, now);
  }

  #chat(to: string, text: string, now: number): void {
    const { calls, chats } = this.#o;
    checkSendable(text);
    const key = nameKey(to);
    if (chats.say(key, text, now)) return;
    const peer = this.#peer(to);
    if (!peer) return;
    chats.wait(key, text);
    if (!calls.isOpening(key)) calls.start(peer, now);
  }

  #close(to: string): void {
    const { calls } = this.#o;
    const key = nameKey(to);
    const closed = calls.endChat(key, "closed");
    // A newer one may be on its way, too.
    if (calls.cancel(key, "closed") || closed) return;
    this.#error("bad-command", `no chat with ${to} is open`);
  }

  /** The user of that name, if a private chat may be opened; else says why not. */
  #peer(name: string): KeyedUser | undefined {
    const { roster, self, trustDesk, classic } = this.#o;
    const peer = roster.find(name);
    const who = nameKey(name) === self.key ? "that is yourself" : `${name} is not here`;
    if (!peer) this.#error("no-such-peer", who);
    return peer && trustDesk.permits(peer, classic) ? peer : undefined;
  }

  #tellPeers(): void {
    const { roster, calls, chats, trust, trustDesk, emit } = this.#o;
    const peers = roster.users.map((user) => {
      const key = nameKey(user.username);
      const opening = calls.isOpening(key) ? "opening" : "none";
      return {
        ...trustDesk.describe(user),
        session: chats.peer(key) ? "open" : opening,
        ...chats.describe(key),
        trust: trust.of(user),
        blocked: trust.isBlocked(user.username, user.key?.publicKey),
      } as const;
    });
    emit({ event: "peers", peers });
  }

  #turnWiretap(wanted: boolean | undefined): void {
    const { wiretap, emit } = this.#o;
    const on = wanted ?? !wiretap.isOn;
    wiretap.turn(on);
    emit({ event: "wiretap", on });
  }

  #tellWhy(to: string, now: number): void {
    const { roster, attempts, emit } = this.#o;
    const peer = roster.find(to)?.username ?? to;
    emit({ event: "why", peer, attempts: attempts.of(nameKey(peer), peer, now) });
  }

  #error(code: string, message: string): void {
    this.#o.emit({ event: "error", code, message });
  }
}
