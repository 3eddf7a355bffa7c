import type { Welcome } from "../protocol/delivery.ts";
import { badMessage } from "../protocol/fields.ts";
import type { KeyedUser, RegistryCaps, Roster as RosterMessage } from "../protocol/keyed.ts";
import type { Refusal } from "../protocol/message.ts";
import type { Attendance } from "./attendance.ts";
import type { Bookmark } from "./bookmark.ts";
import type { RegistryConnection } from "./registry_connection.ts";
import type { RegistryGreeting } from "./registry_greeting.ts";
import type { OwnAddress, Self } from "./self.ts";

/** Who hears how an {@linkcode Entrance} was passed. */
export interface EntranceHandler {
  /** By REGISTER: with everybody who is here, ourselves first. `welcome`: if the registry numbers and acknowledges. */
  registered(users: readonly KeyedUser[], welcome: Welcome | undefined, now: number): void;
  /** By RESUME: with the name and the roster that we have. */
  resumed(welcome: Welcome, now: number): void;
  /** What answers there is not to be gone on with; told once in a row. The connection is dropped. */
  fault(code: string, text: string): void;
}

/** What an {@linkcode Entrance} works with. */
export interface EntranceOptions {
  readonly self: Self;
  readonly greeting: RegistryGreeting;
  readonly connection: RegistryConnection;
  readonly bookmark: Bookmark;
  readonly attendance: Attendance;
}

/** How far we have got on this connection. */
export type Stage = "outside" | "greeting" | "resuming" | "registering" | "in";

/** Refusals that say nothing against the session that we want to go on with. */
const PASSING: readonly string[] = ["flood", "full", "closing", "idle"];

/** From the beginning of a connection into the room: CAPS, IDENTITY, then RESUME where we were before, or REGISTER. */
export class Entrance {
  readonly #o: EntranceOptions;
  readonly #handler: EntranceHandler;
  #stage: Stage = "outside";
  #own: OwnAddress = { ip: "", udpPort: 0 };
  /** The answer to REGISTER, while its roster is on its way. */
  #welcome: Welcome | undefined;
  #faultTold: string | undefined;

  constructor(options: EntranceOptions, handler: EntranceHandler) {
    this.#o = options;
    this.#handler = handler;
  }

  /** How far we have got. */
  get stage(): Stage {
    return this.#stage;
  }

  /** A new connection, on which others reach us at `own`. */
  begin(own: OwnAddress): void {
    const { greeting, connection, attendance } = this.#o;
    this.#stage = "greeting";
    this.#own = own;
    attendance.begin();
    connection.send(greeting.begin());
  }

  /** The connection is over. */
  leave(): void {
    this.#stage = "outside";
  }

  /** The registry's CAPS. */
  greeted(caps: RegistryCaps, now: number): void {
    const { greeting, connection, bookmark } = this.#o;
    if (this.#stage !== "greeting") return;
    const answer = greeting.answer(caps);
    if ("fault" in answer) {
      const { code, text } = answer.fault;
      if (this.#faultTold !== text) this.#handler.fault(code, text);
      this.#faultTold = text;
      return connection.drop(text, now);
    }
    this.#faultTold = undefined;
    connection.send(answer);
    const { delivers, registryKey } = greeting;
    const resume = delivers ? bookmark.resume(this.#own, registryKey) : undefined;
    if (!resume) return this.#register();
    this.#stage = "resuming";
    connection.send(resume);
  }

  /** @throws {ProtocolError} `bad-message` if it may not come now */
  welcomed(welcome: Welcome, now: number): void {
    const { greeting, bookmark, connection } = this.#o;
    if (!greeting.delivers) return;
    if (this.#stage === "registering" && !this.#welcome) {
      this.#welcome = welcome;
      return;
    }
    if (this.#stage !== "resuming") throw badMessage("a WELCOME that nobody asked for");
    bookmark.resumed(welcome);
    this.#stage = "in";
    connection.entered(true, now);
    this.#handler.resumed(welcome, now);
  }

  /**
   * A frame of the roster that answers REGISTER.
   *
   * @throws {ProtocolError} `bad-message` if it may not come now, or we are not in it
   */
  rosterPart(part: RosterMessage, now: number): void {
    const { self, greeting, attendance, connection } = this.#o;
    const { delivers, registryKey } = greeting;
    if (this.#stage !== "registering") return;
    if (delivers && !this.#welcome) throw badMessage("a roster without WELCOME");
    const users = attendance.rosterPart(part);
    if (!users) return;
    const [own] = users;
    if (!own || !self.mayBe(own)) throw badMessage("another name or key than ours");
    self.registered(own.username, own.session, registryKey);
    this.#stage = "in";
    connection.entered(delivers, now);
    this.#handler.registered(users, this.#welcome, now);
  }

  /** The registry has refused something; says whether there is another way in on this connection, which is tried. */
  refused({ code }: Refusal): boolean {
    if (this.#stage !== "resuming") return false;
    if (code === "no-session") {
      this.#register();
      return true;
    }
    if (!PASSING.includes(code)) this.#o.bookmark.forgetSession();
    return false;
  }

  #register(): void {
    const { self, bookmark, connection } = this.#o;
    bookmark.forgetSession();
    this.#welcome = undefined;
    this.#stage = "registering";
    connection.send({ verb: "REGISTER", username: self.chosen, ...this.#own });
  }
}
