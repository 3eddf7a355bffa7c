import type { ClientCommand } from "../peer/commands.ts";
import type { ClientEvent } from "../peer/events.ts";
import { baseName, type NameKey, nameKey } from "../protocol/name.ts";
import type { LineCommand } from "./command_line.ts";
import { renderHelp, renderTopic } from "./help.ts";
import { safe } from "./safe.ts";

/** What becomes of a line: something for the client, or something to tell its user. */
export type Resolved =
  | { readonly command: ClientCommand }
  | { readonly told: readonly string[] };

/**
 * What a person at a line face talks about with whom: where a plain line goes, who is here, whom not
 * to show. It lasts as long as the program.
 */
export class Conversation {
  /** With whom plain lines are; `undefined` for the room. */
  #to: string | undefined;
  #own = "";
  /** Who was here before us, was heard or spoken to, as their names are written; the last one is the last. */
  readonly #here = new Map<NameKey, string>();
  /** Who came and has said nothing yet, in that order. */
  readonly #silent = new Map<NameKey, string>();
  /** Open chats that others can read. */
  readonly #inTheClear = new Map<NameKey, string>();
  readonly #ignored = new Map<NameKey, string>();

  /** Our own name; empty until it is known. */
  get own(): string {
    return this.#own;
  }

  /** Whether plain lines go to one user. */
  get isPrivate(): boolean {
    return this.#to !== undefined;
  }

  /** Who is here, who was heard or spoken to last first. */
  get names(): string[] {
    // Who only came in is not the likeliest to be spoken to.
    return [...[...this.#here.values()].reverse(), ...this.#silent.values()];
  }

  /** Where a plain line goes, and with whom there is a chat that others can read; safe for a terminal. */
  get prompt(): string {
    const key = this.#to === undefined ? undefined : nameKey(this.#to);
    const to = this.#to === undefined ? "room" : safe`${this.#to}`;
    const others = [...this.#inTheClear].filter(([each]) => each !== key);
    const clear = others.map(([, name]) => safe`${name}`).join(", ");
    const isClear = key !== undefined && this.#inTheClear.has(key);
    return `${clear && `[${clear}: not encrypted] `}${to}${isClear ? " (not encrypted)" : ""}> `;
  }

  /** Whether what `name` says is not to be shown; who ignores a name ignores its further sessions, too. */
  ignores(name: string): boolean {
    return this.#ignored.has(nameKey(name)) || this.#ignored.has(nameKey(baseName(name)));
  }

  /** Takes in what has happened; returns what is to be told besides it. */
  heard(event: ClientEvent): string[] {
    switch (event.event) {
      case "registered":
        this.#own = event.username;
        this.#here.clear();
        this.#silent.clear();
        for (const { username } of event.peers) this.#here.set(nameKey(username), username);
        return [];
      case "join":
        this.#left(nameKey(event.username));
        this.#silent.set(nameKey(event.username), event.username);
        return [];
      case "leave":
        this.#left(nameKey(event.username));
        return [];
      case "broadcast":
      case "private":
        this.#touch(event.from);
        return [];
      case "session": {
        const key = nameKey(event.peer);
        if (event.state === "open" && !event.encrypted) this.#inTheClear.set(key, event.peer);
        else this.#inTheClear.delete(key);
        if (event.state === "open" || this.#to === undefined || nameKey(this.#to) !== key) {
          return [];
        }
        return [
          safe`-!- plain lines still go to ${this.#to}, asking for the chat anew; /to room ends that`,
        ];
      }
      default:
        return [];
    }
  }

  /** What a line is to do. */
  resolve(asked: LineCommand): Resolved {
    switch (asked.command) {
      case "say":
        return this.#say(asked.text);
      case "me":
        return this.#say(`/me ${asked.text}`);
      case "to":
        return { told: [this.#turnTo(asked.to)] };
      case "ignore":
        return { told: [this.#ignore(asked.to)] };
      case "unignore":
        return { told: [this.#unignore(asked.to)] };
      case "help":
        return { told: asked.topic === undefined ? renderHelp() : renderTopic(asked.topic) };
      default:
        if ("to" in asked) this.#touch(asked.to);
        return { command: asked };
    }
  }

  #say(text: string): Resolved {
    if (this.#to === undefined) return { command: { command: "broadcast", text } };
    this.#touch(this.#to);
    return { command: { command: "chat", to: this.#to, text } };
  }

  #turnTo(to: string): string {
    if (to === "room") {
      this.#to = undefined;
      return "-!- plain lines go to the room";
    }
    const key = nameKey(to);
    if (key === nameKey(this.#own)) return "! that is yourself; plain lines go where they went";
    const name = this.#find(key);
    if (name === undefined) return safe`! ${to} is not here; plain lines go where they went`;
    this.#to = name;
    this.#touch(name);
    return safe`-!- plain lines go to ${name}, in private; /to room ends that`;
  }

  #ignore(name: string | undefined): string {
    if (name === undefined) {
      const names = Array.from(this.#ignored.values(), (each) => safe`${each}`).join(", ");
      return `-!- not shown: ${names || "nobody"}`;
    }
    this.#ignored.set(nameKey(name), name);
    return safe`-!- what ${name} says is not shown, until /unignore ${name} or the end of this run`;
  }

  #unignore(name: string): string {
    const did = this.#ignored.delete(nameKey(name));
    return did ? safe`-!- ${name} is shown again` : safe`! ${name} was not ignored`;
  }

  #find(key: NameKey): string | undefined {
    return this.#here.get(key) ?? this.#silent.get(key);
  }

  #left(key: NameKey): void {
    this.#here.delete(key);
    this.#silent.delete(key);
  }

  #touch(name: string): void {
    const key = nameKey(name);
    const known = this.#find(key);
    if (known === undefined) return;
    this.#left(key);
    this.#here.set(key, known);
  }
}
