import { identityOf, newSeed } from "../../lib/crypto/identity.ts";
import { type Client, type ClientEvent, joinRegistry } from "../../mod.ts";
import { CapableClient } from "../support/capable_client.ts";
import type { Pulse } from "../support/pulse.ts";
import { RawClient } from "../support/raw_client.ts";
import { CapableLedger, Sequences } from "./ledger.ts";
import { isVisitor, readText, type RoomTruth, textOf } from "./truth.ts";

/** What all participants of a scenario share. */
export interface Room {
  readonly truth: RoomTruth;
  readonly pulse: Pulse;
}

/** Somebody in the room who says its own name and a number, and keeps count of what others say. */
export interface Participant extends AsyncDisposable {
  readonly name: string;
  /** How many it has said. */
  readonly said: number;
  /** How many of those the registry has not yet answered. */
  readonly pending: number;
  /** How many of others it has read. */
  readonly heard: number;
  /** Others that are here, as it was told. */
  readonly others: number;
  /** The last registry that it knows of; `undefined` if it has not heard of any but the first, or of none. */
  readonly epoch: string | undefined;
  /** Says its next message, with so many characters besides. */
  say(padding?: number): void;
  /** Leaves; disposing of it just ends it. */
  quit(): Promise<unknown>;
}

/** The independent client. */
export class CapableParticipant implements Participant {
  readonly name: string;
  readonly client: CapableClient;
  readonly ledger: CapableLedger;
  said = 0;

  private constructor(name: string, client: CapableClient, ledger: CapableLedger) {
    this.name = name;
    this.client = client;
    this.ledger = ledger;
  }

  /** Joins the room at `port`. */
  static async join(room: Room, port: number, name: string): Promise<CapableParticipant> {
    const witness = new CapableLedger(name, room.truth, room.pulse);
    const identity = identityOf(newSeed(), false);
    const client = await CapableClient.join({ port, username: name, identity, witness });
    return new CapableParticipant(name, client, witness);
  }

  get pending(): number {
    return this.client.pending;
  }

  get heard(): number {
    return this.ledger.heard;
  }

  get others(): number {
    return this.client.roster.length - 1;
  }

  get epoch(): string {
    return this.ledger.epoch;
  }

  say(padding?: number): void {
    this.client.say(textOf(this.name, ++this.said, padding));
  }

  quit(): Promise<void> {
    return this.client.quit();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.client[Symbol.asyncDispose]();
  }
}

/** The product's own client, as a library. */
export class ProductParticipant implements Participant {
  readonly name: string;
  readonly #room: Room;
  readonly #senders = new Sequences();
  /** What it has told of others' broadcasts. */
  readonly texts: string[] = [];
  /** Private texts, in order. */
  readonly whispers: string[] = [];
  /** What it has told besides broadcasts: sessions, gaps, resumes, errors. */
  readonly events: ClientEvent[] = [];
  #client: Client | undefined;
  said = 0;

  private constructor(room: Room, name: string) {
    this.#room = room;
    this.name = name;
  }

  /** Joins the room at `port`. */
  static async join(room: Room, port: number, name: string): Promise<ProductParticipant> {
    const participant = new ProductParticipant(room, name);
    participant.#client = await joinRegistry({
      port,
      username: name,
      accept: "all",
      onEvent: (event) => participant.#told(event),
    });
    return participant;
  }

  get client(): Client {
    if (!this.#client) throw new TypeError("Cannot use a client that has not joined");
    return this.#client;
  }

  get pending(): number {
    return this.client.pending;
  }

  get heard(): number {
    return this.texts.length;
  }

  get others(): number {
    return this.client.peers.length;
  }

  /** How often it has told an event of this kind. */
  count(kind: ClientEvent["event"]): number {
    return this.events.filter(({ event }) => event === kind).length;
  }

  get epoch(): string | undefined {
    return this.events.findLast((event) => event.event === "gap")?.epoch;
  }

  say(padding?: number): void {
    this.client.broadcast(textOf(this.name, ++this.said, padding));
  }

  quit(): Promise<unknown> {
    return this.client.quit({ drain: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.client.abort();
  }

  #told(event: ClientEvent): void {
    if (event.event === "broadcast") this.#heard(event.from, event.text);
    else if (event.event === "private") this.whispers.push(event.text);
    else {
      this.events.push(event);
      if (event.event === "error" && event.code !== "not-connected") {
        this.#complain(`tells ${event.code}: ${event.message}`);
      }
      // Whose REGISTER with a new registry was cut off comes and goes before it is in.
      if (event.event === "leave" && !isVisitor(event.username) && this.epoch === undefined) {
        this.#complain(`is told that ${event.username} left`);
      }
    }
    this.#room.pulse.beat();
  }

  #heard(from: string, text: string): void {
    const { name, nth } = readText(text);
    if (name !== from) this.#complain(`hears ${text} from ${from}`);
    const skipped = this.#senders.skipped(name, nth);
    if (skipped < 0) this.#complain(`doubled: tells ${text} again`);
    if (skipped > 0 && this.epoch === undefined && !isVisitor(name)) {
      this.#complain(`lost: ${skipped} before ${text}`);
    }
    this.texts.push(text);
  }

  #complain(what: string): void {
    this.#room.truth.complaints.add(`${this.name} (product): ${what}`);
  }
}

/** A plain client on a connection that nothing happens to. */
export class PlainParticipant implements Participant {
  readonly name: string;
  readonly raw: RawClient;
  readonly #texts: string[] = [];
  /** Lines of its that were looked at. */
  #read = 0;
  said = 0;

  private constructor(name: string, raw: RawClient) {
    this.name = name;
    this.raw = raw;
  }

  /** Joins the room at `port`. */
  static async join(
    port: number,
    name: string,
    dialect: "framed" | "classic",
  ): Promise<PlainParticipant> {
    return new PlainParticipant(name, await RawClient.join(port, name, dialect));
  }

  /** Nothing tells it. */
  get pending(): number {
    return 0;
  }

  get heard(): number {
    return this.texts.length;
  }

  /** Nobody counts them. */
  get others(): number {
    return NaN;
  }

  /** A plain registry has none. */
  get epoch(): undefined {
    return undefined;
  }

  /** What it has read of others' broadcasts. */
  get texts(): readonly string[] {
    const { all } = this.raw.heard;
    while (this.#read < all.length) {
      const [verb, , , ...text] = (all[this.#read++] ?? "").split(":");
      if (verb === "BROADCAST") this.#texts.push(text.join(":"));
    }
    return this.#texts;
  }

  say(padding?: number): void {
    const text = textOf(this.name, ++this.said, padding);
    this.raw.say(`BROADCAST:${this.name}:${text.length}:${text}`);
  }

  quit(): Promise<void> {
    return this.raw[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.quit();
  }
}
