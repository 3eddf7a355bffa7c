/**
 * Who is in the room, as a pure state machine: `apply(command) -> effects`. It knows neither sockets nor
 * dialects nor bytes, and no effect lists its recipients, so that a second registry node could stand
 * behind the same commands and effects.
 *
 * @module
 */
import type { ErrorCode } from "../protocol/error.ts";
import { ProtocolError } from "../protocol/error.ts";
import type { ServerMessage, User } from "../protocol/message.ts";
import { checkName, type NameKey, nameKey } from "../protocol/name.ts";

/** A connection, numbered by its registry. */
export type SessionId = number;

/** What a session asks for; its form and its address have been checked. */
export type Command =
  | { readonly kind: "register"; readonly session: SessionId; readonly user: User }
  | {
    readonly kind: "broadcast";
    readonly session: SessionId;
    readonly username: string;
    readonly text: string;
  }
  | { readonly kind: "quit"; readonly session: SessionId }
  /** The connection is over, in whatever way, registered or not. */
  | { readonly kind: "ended"; readonly session: SessionId };

/** What is to happen, in this order. */
export type Effect =
  /** Tell one session that its command was refused. */
  | {
    readonly kind: "refuse";
    readonly to: SessionId;
    readonly code: ErrorCode;
    readonly text: string;
  }
  /** Make a session a member and tell it who is here, itself first. */
  | { readonly kind: "welcome"; readonly to: SessionId; readonly users: readonly User[] }
  /** Tell all members but one. */
  | { readonly kind: "deliver"; readonly except: SessionId; readonly message: ServerMessage }
  /** A member is one no longer. */
  | { readonly kind: "farewell"; readonly to: SessionId; readonly user: User };

interface Member {
  readonly user: User;
  readonly key: NameKey;
}

/** The room and its rules. */
export class Room {
  readonly #maxClients: number;
  readonly #bySession = new Map<SessionId, Member>();
  readonly #byName = new Map<NameKey, SessionId>();

  /** @param maxClients registered users at most; 0 for no limit */
  constructor(maxClients: number) {
    this.#maxClients = maxClients;
  }

  /** How many users are registered. */
  get size(): number {
    return this.#bySession.size;
  }

  /** Carries out one command. */
  apply(command: Command): Effect[] {
    switch (command.kind) {
      case "register":
        return this.#register(command.session, command.user);
      case "broadcast":
        return this.#broadcast(command.session, command.username, command.text);
      case "quit":
        return this.#bySession.has(command.session)
          ? this.#leave(command.session)
          : [notRegistered(command.session)];
      case "ended":
        return this.#leave(command.session);
    }
  }

  #register(session: SessionId, user: User): Effect[] {
    if (this.#bySession.has(session)) {
      return [refuse(session, "already-registered", "this connection is registered already")];
    }
    let key: NameKey;
    try {
      key = checkName(user.username);
    } catch (error) {
      if (error instanceof ProtocolError) return [refuse(session, error.code, error.message)];
      throw error;
    }
    if (this.#byName.has(key)) {
      return [refuse(session, "name-taken", "somebody here already has that name")];
    }
    if (this.#maxClients > 0 && this.#bySession.size >= this.#maxClients) {
      return [refuse(session, "full", "the room is full")];
    }
    const others = Array.from(this.#bySession.values(), (member) => member.user);
    this.#bySession.set(session, { user, key });
    this.#byName.set(key, session);
    return [
      { kind: "welcome", to: session, users: [user, ...others] },
      { kind: "deliver", except: session, message: { verb: "UPDATE", change: "JOIN", user } },
    ];
  }

  #broadcast(session: SessionId, username: string, text: string): Effect[] {
    const member = this.#bySession.get(session);
    if (!member) return [notRegistered(session)];
    const own = member.user.username;
    if (username !== own && nameKey(username) !== member.key) {
      return [refuse(session, "bad-sender", "that is not your name")];
    }
    const message = { verb: "BROADCAST", username: own, text } as const;
    return [{ kind: "deliver", except: session, message }];
  }

  #leave(session: SessionId): Effect[] {
    const member = this.#bySession.get(session);
    if (!member) return [];
    this.#bySession.delete(session);
    this.#byName.delete(member.key);
    const { user } = member;
    return [
      { kind: "farewell", to: session, user },
      { kind: "deliver", except: session, message: { verb: "UPDATE", change: "LEAVE", user } },
    ];
  }
}

function notRegistered(session: SessionId): Effect {
  return refuse(session, "not-registered", "register first");
}

function refuse(to: SessionId, code: ErrorCode, text: string): Effect {
  return { kind: "refuse", to, code, text };
}
