import type { KeyedUser } from "../protocol/keyed.ts";
import type { NameKey } from "../protocol/name.ts";
import { PONG_MS } from "./limits.ts";
import type { SessionId } from "./room.ts";

/** The sessions of one name are being asked whether they are there. */
interface Probe {
  readonly name: NameKey;
  /** Who has not answered yet. */
  readonly asked: Set<SessionId>;
  /** Who waits for the answers, in the order of coming. */
  readonly newcomers: Map<SessionId, KeyedUser>;
  readonly deadline: number;
}

/**
 * Whether those who have a name are still there, for newcomers of the same key. A name's sessions are asked once
 * for all who come meanwhile. It knows neither names' rules nor connections: who has answered or ended is
 * told to it, who has kept silent is asked of it.
 */
export class Takeovers {
  /** In the order of their deadlines. */
  readonly #probes = new Map<NameKey, Probe>();
  /** The probe of each session that is asked or waits. */
  readonly #probeOf = new Map<SessionId, Probe>();
  /** Probes that are over, whose newcomers have not been taken yet. */
  #done: Probe[] = [];

  /** Whether that session waits for an answer of others. */
  isNewcomer(session: SessionId): boolean {
    return this.#probeOf.get(session)?.newcomers.has(session) === true;
  }

  /** Whether somebody's wait is over. */
  get settled(): boolean {
    return this.#done.length > 0;
  }

  /**
   * Has `newcomer` wait for `holders`, at least one, who have `name`.
   *
   * @returns those of them who have to be asked: none where that has been done already
   */
  begin(
    name: NameKey,
    newcomer: SessionId,
    user: KeyedUser,
    holders: readonly SessionId[],
    now: number,
  ): readonly SessionId[] {
    const present = this.#probes.get(name);
    const probe = present ??
      { name, asked: new Set(holders), newcomers: new Map(), deadline: now + PONG_MS };
    probe.newcomers.set(newcomer, user);
    this.#probeOf.set(newcomer, probe);
    if (present) return [];
    this.#probes.set(name, probe);
    for (const holder of holders) this.#probeOf.set(holder, probe);
    return holders;
  }

  /** A session has answered, or is over. */
  release(session: SessionId): void {
    const probe = this.#probeOf.get(session);
    if (!probe) return;
    this.#probeOf.delete(session);
    probe.newcomers.delete(session);
    if (!probe.asked.delete(session) || probe.asked.size > 0) return;
    this.#probes.delete(probe.name);
    this.#done.push(probe);
  }

  /** Those whose wait is over, in the order of coming. Each is told once. */
  takeSettled(): [SessionId, KeyedUser][] {
    const settled = this.#done.flatMap(({ newcomers }) => [...newcomers]);
    this.#done = [];
    for (const [session] of settled) this.#probeOf.delete(session);
    return settled;
  }

  /** When the first silence is over. */
  nextTimeout(): number | undefined {
    const [first] = this.#probes.values();
    return first?.deadline;
  }

  /** Those who have kept silent too long. */
  silent(now: number): SessionId[] {
    const silent: SessionId[] = [];
    for (const { asked, deadline } of this.#probes.values()) {
      if (deadline > now) break;
      silent.push(...asked);
    }
    return silent;
  }
}
