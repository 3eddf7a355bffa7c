import type { Endpoint } from "../protocol/address.ts";
import { encodeDatagram } from "../protocol/datagram.ts";
import type { Observation, Observed } from "../protocol/observe.ts";

/** When a port is asked, in milliseconds from the first: 4 losses in a row are a firewall, not a bad line. */
const TIMES: readonly number[] = [0, 250, 750, 1_750];
/** From the first to giving up, in milliseconds. */
const GIVE_UP_MS = 3_000;

/** How a NAT gives out ports: by our socket alone, or anew for each address that is spoken to. */
export type Mapping = "independent" | "dependent" | "unknown";

/** Where one of the registry's ports has seen us. */
export interface Sighting extends Endpoint {
  /** The registry's port. */
  readonly by: number;
  /** Milliseconds from the last asking to the answer. */
  readonly ms: number;
}

/**
 * Finds out by UDP where we are seen: `docs/PROTOCOL.md` 12.3. It is given what arrives on the socket that is asked
 * about, and tells what to send from it. No sockets, no clock.
 */
export class ObservationRound {
  readonly #token: string;
  readonly #registryIp: string;
  readonly #startedAt: number;
  /** Ports without an answer, and how often each was asked. */
  readonly #asked: Map<number, { times: number; at: number }>;
  readonly #sightings: Sighting[] = [];
  #over = false;

  /** @param registryIp as `parseIp` gives it: that of the connection on which `observed` came */
  constructor({ token, udpPorts }: Observed, registryIp: string, now: number) {
    this.#token = token;
    this.#registryIp = registryIp;
    this.#startedAt = now;
    this.#asked = new Map(udpPorts.map((port) => [port, { times: 0, at: now }]));
  }

  /** Whether nothing more is to come of it. */
  get isOver(): boolean {
    return this.#over || this.#asked.size === 0;
  }

  /** What was seen, in the order of arrival; each port once. */
  get sightings(): readonly Sighting[] {
    return this.#sightings;
  }

  /** What that says of a NAT on the way; where there is none, `independent`. */
  get mapping(): Mapping {
    const [first, second] = this.#sightings;
    if (!first || !second) return "unknown";
    return first.ip === second.ip && first.port === second.port ? "independent" : "dependent";
  }

  /** What to send now, and where. */
  due(now: number): { readonly bytes: Uint8Array; readonly to: Endpoint }[] {
    if (now >= this.#startedAt + GIVE_UP_MS) this.#over = true;
    if (this.isOver) return [];
    const bytes = encodeDatagram({ kind: "observe", token: this.#token });
    const due = [...this.#asked].filter(([, asked]) => this.#nextAt(asked) <= now);
    for (const [, asked] of due) Object.assign(asked, { times: asked.times + 1, at: now });
    return due.map(([port]) => ({ bytes, to: { ip: this.#registryIp, port } }));
  }

  /** An answer that has arrived; one that is not for this round, or was forged blindly, is nothing. */
  observed({ token, ip, port }: Observation, from: Endpoint, now: number): void {
    const asked = this.#asked.get(from.port);
    if (token !== this.#token || from.ip !== this.#registryIp || !asked?.times) return;
    this.#asked.delete(from.port);
    this.#sightings.push({ ip, port, by: from.port, ms: now - asked.at });
  }

  /** When {@linkcode ObservationRound.due} wants to be called. */
  nextTimeout(): number | undefined {
    if (this.isOver) return undefined;
    const times = Array.from(this.#asked.values(), (asked) => this.#nextAt(asked));
    return Math.min(this.#startedAt + GIVE_UP_MS, ...times);
  }

  #nextAt({ times }: { readonly times: number }): number {
    return this.#startedAt + (TIMES[times] ?? Infinity);
  }
}
