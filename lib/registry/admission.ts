import { limitKey } from "../protocol/address.ts";
import { ProtocolError } from "../protocol/error.ts";
import { TokenBucket } from "../protocol/token_bucket.ts";
import { NEW_CONNECTIONS_WINDOW_MS } from "./limits.ts";

interface Address {
  connections: number;
  readonly arrivals: TokenBucket;
  lastArrival: number;
}

/** Counts the connections of each address: an IPv4 address, or an IPv6 /64. */
export class Admission {
  readonly #max: number;
  readonly #addresses = new Map<string, Address>();

  /** @param maxPerIp connections of one address at most, half as many new ones in 10 s; 0: no limit */
  constructor(maxPerIp: number) {
    this.#max = maxPerIp;
  }

  /**
   * Counts a new connection of `ip`; every call is later followed by one of {@linkcode left}.
   *
   * @returns why it should be turned away, if it should
   */
  entered(ip: string, now: number): ProtocolError | undefined {
    if (this.#max === 0) return undefined;
    const address = this.#address(ip, now);
    address.connections++;
    address.lastArrival = now;
    // Behind all others, so that the order of the map is that of the last arrivals.
    const key = limitKey(ip);
    this.#addresses.delete(key);
    this.#addresses.set(key, address);
    if (address.connections > this.#max) {
      return new ProtocolError("full", "too many connections from your address");
    }
    if (!address.arrivals.take(1, now)) {
      return new ProtocolError("flood", "too many new connections from your address; wait a while");
    }
    return undefined;
  }

  /** A connection of `ip` is over. */
  left(ip: string): void {
    const address = this.#addresses.get(limitKey(ip));
    if (address) address.connections--;
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
