/**
 * Who is in the room, as a pure state machine: `apply(command) -> effects`. It knows neither sockets nor
 * dialects nor bytes, and no effect lists its recipients, so that a second registry node could stand
 * behind the same commands and effects.
 *
 * @module
 */
import type { MessageId } from "../protocol/delivery.ts";
import type { ErrorCode } from "../protocol/error.ts";
import { ProtocolError } from "../protocol/error.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { checkName, type NameKey, nameKey } from "../protocol/name.ts";
import type { CloseReason } from "./events.ts";

/** A connection, numbered by its registry. */
export type SessionId = number;

/** What a session asks for; its form, its address and its key have been checked. */
export type Command =
  | {
    readonly kind: "register";
    readonly session: SessionId;
    readonly user: KeyedUser;
    /** Whether the sessions of the same key and name have been asked whether they are there. */
    readonly probed: boolean;
  }
  | {
    readonly kind: "broadcast";
    readonly session: SessionId;
    readonly username: string;
    readonly text: string;
  }
  /** The same of a session that gives its messages ids, and need not say its name. */
  | {
    readonly kind: "say";
    readonly session: SessionId;
    readonly id: MessageId;
    readonly text: string;
  }
  /** A member goes on as another session, of another connection, at another address or the same. */
  | {
    readonly kind: "resume";
    readonly from: SessionId;
    readonly session: SessionId;
    readonly ip: string;
    readonly udpPort: number;
  }
  | { readonly kind: "quit"; readonly session: SessionId }
  /** The session is over, in whatever way, registered or not. */
  | { readonly kind: "ended"; readonly session: SessionId; readonly reason: CloseReason };

/** What is to happen, in this order. `name` is a name without the number of a further session. */
export type Effect =
  /** Tell one session that its command was refused. */
  | {
    readonly kind: "refuse";
    readonly to: SessionId;
    readonly code: ErrorCode;
    readonly text: string;
  }
  /** Ask those who have `name` whether they are there, then let `by` register again. */
  | {
    readonly kind: "probe";
    readonly by: SessionId;
    readonly name: NameKey;
    readonly user: KeyedUser;
  }
  /** Tell a session, which is a member now, who is here. */
  | {
    readonly kind: "welcome";
    readonly to: SessionId;
    readonly name: NameKey;
    readonly user: KeyedUser;
  }
  /** Tell all members but the sender. */
  | {
    readonly kind: "broadcast";
    readonly by: SessionId;
    readonly sender: KeyedUser;
    readonly id: MessageId | undefined;
    readonly text: string;
  }
  /** Tell all members but the one it is about, with the very object for a leave that it was for the join. */
  | {
    readonly kind: "presence";
    readonly by: SessionId;
    readonly change: "JOIN" | "LEAVE";
    readonly user: KeyedUser;
  }
  /** A member is one no longer. */
  | {
    readonly kind: "farewell";
    readonly to: SessionId;
    readonly name: NameKey;
    readonly user: KeyedUser;
    readonly reason: CloseReason;
  };

/** Whom names belong to, in the room or away. */
export interface Owners {
  /** Whether who has proven `publicKey`, or has no key, may have `name`. */
  mayUse(name: NameKey, publicKey: string | undefined): boolean;
}

/** Also for who has no key, and for who cannot know that theirs is another one on this machine. */
const OWNED = "the name is taken here: it belongs to another key, " +
  "somebody else's or yours from another machine or profile";

interface Member {
  readonly user: KeyedUser;
  /** Its name: nobody else has it. */
  readonly key: NameKey;
  /** The same without the number of a further session: all who have it are of one key. */
  readonly name: NameKey;
}

/** The room and its rules. */
export class Room {
  readonly #maxClients: number;
  readonly #owners: Owners;
  readonly #bySession = new Map<SessionId, Member>();
  readonly #taken = new Set<NameKey>();
  readonly #byName = new Map<NameKey, Set<SessionId>>();

  /** @param maxClients registered users at most; 0 for no limit */
  constructor(maxClients: number, owners: Owners) {
    this.#maxClients = maxClients;
    this.#owners = owners;
  }

  /** The user of a member. */
  user(session: SessionId): KeyedUser | undefined {
    return this.#bySession.get(session)?.user;
  }

  /** How many users are registered. */
  get size(): number {
    return this.#bySession.size;
  }

  /** Those here who have `name`, with and without a number. */
  holders(name: NameKey): SessionId[] {
    return [...this.#byName.get(name) ?? []];
  }

  /** Carries out one command. */
  apply(command: Command): Effect[] {
    switch (command.kind) {
      case "register":
        return this.#register(command.session, command.user, command.probed);
      case "broadcast":
        return this.#broadcast(command.session, command.username, command.text);
      case "say":
        return this.#say(command.session, command.id, command.text);
      case "resume":
        return this.#resume(command);
      case "quit":
        return this.#bySession.has(command.session)
          ? this.#leave(command.session, "quit")
          : [notRegistered(command.session)];
      case "ended":
        return this.#leave(command.session, command.reason);
    }
  }

  #register(session: SessionId, user: KeyedUser, probed: boolean): Effect[] {
    if (this.#bySession.has(session)) {
      return [refuse(session, "already-registered", "this connection is registered already")];
    }
    let name: NameKey;
    try {
      name = checkName(user.username);
    } catch (error) {
      if (error instanceof ProtocolError) return [refuse(session, error.code, error.message)];
      throw error;
    }
    if (!this.#owners.mayUse(name, user.key?.publicKey)) {
      return [refuse(session, "name-taken", OWNED)];
    }
    if (this.#byName.has(name)) {
      if (!this.#isOfSameKey(name, user)) {
        return [refuse(session, "name-taken", "somebody here already has that name")];
      }
      if (!probed) return [{ kind: "probe", by: session, name, user }];
    }
    if (this.#maxClients > 0 && this.#bySession.size >= this.#maxClients) {
      return [refuse(session, "full", "the room is full")];
    }
    return this.#enter(session, name, user);
  }

  #enter(session: SessionId, name: NameKey, user: KeyedUser): Effect[] {
    const self = this.#numbered(name, user);
    const key = self === user ? name : nameKey(self.username);
    this.#bySession.set(session, { user: self, key, name });
    this.#taken.add(key);
    const holders = this.#byName.get(name);
    if (holders) holders.add(session);
    else this.#byName.set(name, new Set([session]));
    return [
      { kind: "presence", by: session, change: "JOIN", user: self },
      { kind: "welcome", to: session, name, user: self },
    ];
  }

  #isOfSameKey(name: NameKey, { key }: KeyedUser): boolean {
    const [holder] = this.#byName.get(name) ?? [];
    const member = holder === undefined ? undefined : this.#bySession.get(holder);
    return key !== undefined && member?.user.key?.publicKey === key.publicKey;
  }

  /** The user under the first of `ann`, `ann~2`, `ann~3` and so on that is free. */
  #numbered(name: NameKey, user: KeyedUser): KeyedUser {
    if (!this.#taken.has(name)) return user;
    for (let number = 2;; number++) {
      const username = `${user.username}~${number}`;
      if (!this.#taken.has(nameKey(username))) return { ...user, username };
    }
  }

  #broadcast(session: SessionId, username: string, text: string): Effect[] {
    const member = this.#bySession.get(session);
    if (!member) return [notRegistered(session)];
    const own = member.user.username;
    if (username !== own && nameKey(username) !== member.key) {
      return [refuse(session, "bad-sender", "that is not your name")];
    }
    return [{ kind: "broadcast", by: session, sender: member.user, id: undefined, text }];
  }

  #say(session: SessionId, id: MessageId, text: string): Effect[] {
    const member = this.#bySession.get(session);
    if (!member) return [notRegistered(session)];
    return [{ kind: "broadcast", by: session, sender: member.user, id, text }];
  }

  #resume({ from, session, ip, udpPort }: Command & { readonly kind: "resume" }): Effect[] {
    const member = this.#bySession.get(from);
    if (!member) return [];
    const { user: old, key, name } = member;
    const isMoved = old.ip !== ip || old.udpPort !== udpPort;
    const user = isMoved ? { ...old, ip, udpPort } : old;
    this.#bySession.delete(from);
    this.#bySession.set(session, { user, key, name });
    const holders = this.#byName.get(name);
    holders?.delete(from);
    holders?.add(session);
    if (!isMoved) return [];
    return [
      { kind: "presence", by: session, change: "LEAVE", user: old },
      { kind: "presence", by: session, change: "JOIN", user },
    ];
  }

  #leave(session: SessionId, reason: CloseReason): Effect[] {
    const member = this.#bySession.get(session);
    if (!member) return [];
    const { user, key, name } = member;
    this.#bySession.delete(session);
    this.#taken.delete(key);
    const holders = this.#byName.get(name);
    holders?.delete(session);
    if (holders?.size === 0) this.#byName.delete(name);
    return [
      { kind: "farewell", to: session, name, user, reason },
      { kind: "presence", by: session, change: "LEAVE", user },
    ];
  }
}

function notRegistered(session: SessionId): Effect {
  return refuse(session, "not-registered", "register first");
}

function refuse(to: SessionId, code: ErrorCode, text: string): Effect {
  return { kind: "refuse", to, code, text };
}
