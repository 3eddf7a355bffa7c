import { MAX_MEETINGS, MEET_MS } from "./limits.ts";
import type { RelayMember } from "./relay_member.ts";

/** Somebody waits for somebody to want the same link. */
export interface Meeting {
  readonly member: RelayMember;
  readonly link: string;
  readonly until: number;
}

/** Who waits for whom. Nothing of it is told to anybody until both have said the same. */
export class Meetings {
  /** By link, who waits, and for whom: in the order in which they end. */
  readonly #byKey = new Map<string, Meeting>();

  /** Whether nobody more can wait. */
  get isFull(): boolean {
    return this.#byKey.size >= MAX_MEETINGS;
  }

  /** Whether that one waits for that session with that link. */
  has(member: RelayMember, session: string, link: string): boolean {
    return this.#byKey.has(keyOf(link, member.session, session));
  }

  /** It waits from now on. */
  add(member: RelayMember, session: string, link: string, now: number): void {
    const key = keyOf(link, member.session, session);
    this.#byKey.set(key, { member, link, until: now + MEET_MS });
    member.waiting.set(link, key);
  }

  /** Who of that session waits for that member with that link, and does so no more. */
  take(member: RelayMember, session: string, link: string): RelayMember | undefined {
    const meeting = this.#byKey.get(keyOf(link, session, member.session));
    if (meeting) this.end(meeting.member, link);
    return meeting?.member;
  }

  /** It does not wait any more; says whether it did. */
  end(member: RelayMember, link: string): boolean {
    const key = member.waiting.get(link);
    if (key === undefined) return false;
    member.waiting.delete(link);
    return this.#byKey.delete(key);
  }

  /** When the first of them has waited for long enough. */
  nextTimeout(): number | undefined {
    const [first] = this.#byKey.values();
    return first?.until;
  }

  /** Those who have; they wait no more. */
  *expired(now: number): Iterable<Meeting> {
    for (const meeting of this.#byKey.values()) {
      if (meeting.until > now) return;
      this.end(meeting.member, meeting.link);
      yield meeting;
    }
  }
}

function keyOf(link: string, from: string, to: string): string {
  return `${link}:${from}:${to}`;
}
