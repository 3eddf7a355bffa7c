import type { ClientEvent, PresenceEvent } from "../peer/events.ts";
import type { BellPolicy } from "./bell.ts";
import type { Conversation } from "./conversation.ts";
import { mentions } from "./mentions.ts";
import { lookalike, renderClientEvent } from "./render.ts";
import { renderPresence } from "./render_presence.ts";
import { ColourStyle, PLAIN_STYLE, type Style } from "./style.ts";

/** How long joins and leaves wait for others to be told with, in milliseconds. */
export const FOLD_MS = 250;
/** Lines of joins and leaves that alternate, before they are told as one of each. */
const MAX_GROUPS = 4;
/** Least time between two bells, in milliseconds. */
const BELL_MS = 1_000;

/** How events are to look. */
export interface Looks {
  readonly colour: boolean;
  /** Whether texts begin with the time. */
  readonly time: boolean;
  readonly bell: BellPolicy;
}

/** Lines to be shown, safe for a terminal and without line ends. */
export interface Presented {
  readonly lines: readonly string[];
  readonly bell: boolean;
}

/**
 * Events as lines for one person: without whom they ignore, joins and leaves folded. A machine: time is
 * passed in, and {@linkcode Presenter.nextTimeout} says when {@linkcode Presenter.timeout} is due.
 */
export class Presenter {
  readonly #looks: Looks;
  readonly #conversation: Conversation;
  readonly #style: Style;
  /** Joins and leaves, in order, of one kind in each group. */
  #folded: PresenceEvent[][] = [];
  #foldedUntil = Infinity;
  #rang = -Infinity;

  constructor(looks: Looks, conversation: Conversation) {
    this.#looks = looks;
    this.#conversation = conversation;
    this.#style = looks.colour ? new ColourStyle(() => conversation.own) : PLAIN_STYLE;
  }

  /** When joins and leaves have waited long enough; `Infinity` if there are none. */
  get nextTimeout(): number {
    return this.#foldedUntil;
  }

  /** What `event` adds, and the joins and leaves before it. */
  present(event: ClientEvent, now: number): Presented {
    const also = this.#conversation.heard(event);
    if (this.#isIgnored(event)) return { lines: [], bell: false };
    if (event.event === "join" || event.event === "leave") {
      this.#fold(event, now);
      return { lines: [], bell: false };
    }
    const lines = renderClientEvent(event, this.#style);
    // What is replayed says by itself how old it is.
    const isNew = event.event === "private" || (event.event === "broadcast" && !event.replayed);
    const time = isNew && this.#looks.time ? this.#style.dim(clock(now)) + " " : "";
    const shown = lines.map((line) => time + line);
    return { lines: [...this.flush(), ...shown, ...also], bell: this.#rings(event, now) };
  }

  /** The joins and leaves that have waited. */
  flush(): string[] {
    const groups = this.#folded;
    this.#folded = [];
    this.#foldedUntil = Infinity;
    return groups.flatMap((group) => {
      const [first] = group;
      if (!first) return [];
      const names = [...new Set(group.map(({ username }) => username))];
      const warnings = first.event === "join" ? group.flatMap(lookalike) : [];
      return [...renderPresence(first.event, names, this.#style), ...warnings];
    });
  }

  #fold(event: PresenceEvent, now: number): void {
    const isSame = ([first]: readonly PresenceEvent[]): boolean => first?.event === event.event;
    const last = this.#folded.at(-1);
    // Of very many it matters less which were first.
    const group = last && isSame(last)
      ? last
      : this.#folded.length < MAX_GROUPS
      ? undefined
      : this.#folded.findLast(isSame);
    if (group) group.push(event);
    else this.#folded.push([event]);
    this.#foldedUntil = Math.min(this.#foldedUntil, now + FOLD_MS);
  }

  #isIgnored(event: ClientEvent): boolean {
    switch (event.event) {
      case "broadcast":
      case "private":
      case "invite":
        return this.#conversation.ignores(event.from);
      case "join":
      case "leave":
        return this.#conversation.ignores(event.username);
      default:
        return false;
    }
  }

  #rings(event: ClientEvent, now: number): boolean {
    if (!this.#isFor(event) || now - this.#rang < BELL_MS) return false;
    this.#rang = now;
    return true;
  }

  #isFor(event: ClientEvent): boolean {
    const { bell } = this.#looks;
    if (bell === "off") return false;
    if (event.event === "private" || event.event === "invite") return true;
    if (event.event !== "broadcast" || event.replayed) return false;
    return bell === "all" || (bell === "mention" && mentions(event.text, this.#conversation.own));
  }
}

/** `HH:MM`, where we are. */
function clock(now: number): string {
  const date = new Date(now);
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, "0")).join(
    ":",
  );
}
