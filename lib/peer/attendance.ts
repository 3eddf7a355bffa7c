import { badMessage } from "../protocol/fields.ts";
import type { KeyedUser, Roster as RosterMessage } from "../protocol/keyed.ts";
import { plainUser, type User } from "../protocol/message.ts";
import type { ClientEvent, Peer } from "./events.ts";
import { MAX_ROSTER } from "./limits.ts";
import type { Roster } from "./roster.ts";
import type { Self } from "./self.ts";

/** Who hears of what {@linkcode Attendance} is told. */
export interface AttendanceHandler {
  /** Somebody's registration is another one now, or none: what was known of that user is void. */
  changed(username: string): void;
  /** Somebody is here: how our user is told. */
  seen(user: KeyedUser): Peer;
  /** Our user has been told. */
  told(user: KeyedUser): void;
}

/** What {@linkcode Attendance} works with. */
export interface AttendanceOptions {
  readonly self: Self;
  readonly roster: Roster;
  readonly emit: (event: ClientEvent) => void;
}

/** Who comes and goes, as the registry tells it: into the roster, and to our user. */
export class Attendance {
  readonly #o: AttendanceOptions;
  readonly #handler: AttendanceHandler;
  /** What the frames of a roster have told so far. */
  #arriving: KeyedUser[] = [];
  /** Whether one may come: it does at the beginning of a connection alone. */
  #rosterDue = true;

  constructor(options: AttendanceOptions, handler: AttendanceHandler) {
    this.#o = options;
    this.#handler = handler;
  }

  /** A new connection: of a roster that broke off nothing counts. */
  begin(): void {
    this.#arriving = [];
    this.#rosterDue = true;
  }

  /**
   * One frame of a roster. Returns everybody, the registrant first, once the last one is here.
   *
   * @throws {ProtocolError} `bad-message` if there are too many, or none, or it is not the time for it
   */
  rosterPart({ left, users }: RosterMessage): readonly KeyedUser[] | undefined {
    if (!this.#rosterDue) throw badMessage("a roster that nobody asked for");
    if (this.#arriving.length + users.length > MAX_ROSTER) throw badMessage("too many users");
    for (const user of users) this.#arriving.push(user);
    if (left > 0) return undefined;
    const all = this.#arriving;
    this.#arriving = [];
    this.#rosterDue = false;
    if (all.length === 0) throw badMessage("a roster without us");
    return all;
  }

  /**
   * Everybody who is here now, ourselves first, after we have been in the room before: told as who left and who came.
   *
   * @throws {ProtocolError} `bad-message` if we are not the first
   */
  renewed(users: readonly KeyedUser[]): void {
    const { self, roster } = this.#o;
    if (users[0]?.session !== self.session) throw badMessage("a roster without us");
    const here = new Set(users.map(({ session }) => session));
    for (const user of roster.users) if (!here.has(user.session)) this.#leave(user);
    for (const user of users) this.joined(user);
  }

  /** Somebody is here, whether we know it or not. */
  joined(user: KeyedUser): void {
    const { self, roster } = this.#o;
    this.#afterRoster();
    if (user.session === self.session) return;
    const [known, namesake] = [roster.bySession(user.session), roster.find(user.username)];
    if (known && isSame(known, user)) return;
    if (known) this.#leave(known);
    if (namesake && namesake !== known) this.#leave(namesake);
    this.#join(user);
  }

  /** Somebody is not here any more, whether we know it or not. */
  left(session: string): void {
    this.#afterRoster();
    const user = this.#o.roster.bySession(session);
    if (user) this.#leave(user);
  }

  /** Somebody came or left, as a registry without numbers tells it. */
  updated(change: "JOIN" | "LEAVE", user: User | KeyedUser): void {
    if (change === "LEAVE") this.#leave(user);
    else if ("session" in user) this.#join(user); // A registry that has told CAPS sends no other.
  }

  #join(user: KeyedUser): void {
    const other = this.#o.roster.add(user);
    this.#handler.changed(user.username);
    if (!other) return;
    this.#o.emit({ event: "join", ...this.#handler.seen(user) });
    this.#handler.told(user);
  }

  #leave(user: User): void {
    if (this.#o.roster.remove(user)) this.#o.emit({ event: "leave", ...plainUser(user) });
    this.#handler.changed(user.username);
  }

  /** What comes and goes is told after the roster; within it, nobody could tell what counts. */
  #afterRoster(): void {
    this.#rosterDue = false;
    if (this.#arriving.length > 0) throw badMessage("a roster that is not complete");
  }
}

function isSame(one: KeyedUser, other: KeyedUser): boolean {
  return one.session === other.session && one.username === other.username &&
    one.ip === other.ip && one.udpPort === other.udpPort &&
    one.key?.publicKey === other.key?.publicKey && one.key?.kept === other.key?.kept;
}
