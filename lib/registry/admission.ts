import { limitKey } from "../protocol/address.ts";
import { TokenBucket } from "../protocol/token_bucket.ts";
import { MAX_TURNED_AWAY, NEW_CONNECTIONS_WINDOW_MS } from "./limits.ts";

interface Address {
  connections: number;
  readonly arrivals: TokenBucket;
  lastArrival: number;
}

/** Why a connection is not served. */
export interface TurnedAway {
  readonly reason: "full" | "flood";
  /** For people. */
  readonly text: string;
  /** Whether there are too many of them to wait until it can be told. */
  readonly atOnce: boolean;
}

/** Counts the connections of each address: an IPv4 address, or an IPv6 /64. */
export class Admission {
  readonly #max: number;
  readonly #addresses = new Map<string, Address>();
  #turnedAway = 0;

  /** @param maxPerIp connections of one address at most, half as many new ones in 10 s; 0: no limit */
  constructor(maxPerIp: number) {
    this.#max = maxPerIp;
  }

  /**
   * Counts a new connection of `ip`; every call is later followed by one of {@linkcode left}.
   *
   * @returns why it should be turned away, if it should
   */
  entered(ip: string, now: number): TurnedAway | undefined {
    if (this.#max === 0) return undefined;
    const address = this.#address(ip, now);
    address.connections++;
    address.lastArrival = now;
    // Behind all others, so that the order of the map is that of the last arrivals.
    const key = limitKey(ip);
    this.#addresses.delete(key);
    this.#addresses.set(key, address);
    if (address.connections > this.#max) {
      return this.#turnAway("full", "too many connections from your address");
    }
    if (!address.arrivals.take(1, now)) {
      const text = "too many new connections from your address; wait a while";
      return this.#turnAway("flood", text);
    }
    return undefined;
  }

  /** A connection of `ip` is over. */
  left(ip: string, turnedAway: TurnedAway | undefined): void {
    if (turnedAway) this.#turnedAway--;
    const address = this.#addresses.get(limitKey(ip));
    if (address) address.connections--;
  }

  #turnAway(reason: TurnedAway["reason"], text: string): TurnedAway {
    return { reason, text, atOnce: ++this.#turnedAway > MAX_TURNED_AWAY };
  }

  #address(ip: string, now: number): Address {
    const known = this.#addresses.get(limitKey(ip));
    if (known) return known;
    this.#forgetIdle(now);
    const burst = Math.max(1, Math.floor(this.#max / 2));
    const perSecond = burst / (NEW_CONNECTIONS_WINDOW_MS / 1_000);
    return { connections: 0, arrivals: new TokenBucket(perSecond, burst), lastArrival: now };
  }

  /** Drops addresses without connections whose bucket is full again. */
  #forgetIdle(now: number): void {
    for (const [key, { connections, lastArrival }] of this.#addresses) {
      if (now - lastArrival < NEW_CONNECTIONS_WINDOW_MS) return;
      if (connections === 0) this.#addresses.delete(key);
    }
  }
}
