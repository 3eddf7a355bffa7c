import { type Endpoint, limitKey } from "../protocol/address.ts";
import { type Datagram, encodeDatagram, parseDatagram } from "../protocol/datagram.ts";
import { ProtocolError } from "../protocol/error.ts";
import { TokenBucket } from "../protocol/token_bucket.ts";
import { BoundedMap } from "../store/bounded_map.ts";
import type { Counters } from "./counters.ts";
import {
  MAX_OBSERVATION_TOKENS,
  MAX_OBSERVED_ADDRESSES,
  OBSERVATION_MS,
  OBSERVATION_USES,
  OBSERVATIONS_BURST,
  OBSERVATIONS_PER_SECOND,
} from "./limits.ts";
import type { SessionId } from "./room.ts";

/** A token that was given out. */
interface Grant {
  readonly owner: SessionId;
  readonly until: number;
  /** Datagrams that it still answers. */
  left: number;
}

/**
 * Tells clients where their datagrams come from: `docs/PROTOCOL.md` section 12. It answers who has been given a token on a
 * connection, and never more than it got. What it does not answer it counts. No sockets, no clock.
 */
export class Observatory {
  readonly #counters: Counters;
  readonly #newToken: () => string;
  /** In the order of their giving out, which is that of their ends. */
  readonly #grants = new Map<string, Grant>();
  /** Each connection's: it has one at a time. */
  readonly #tokens = new Map<SessionId, string>();
  /** By what counts as one party. */
  readonly #budgets = new BoundedMap<string, TokenBucket>(MAX_OBSERVED_ADDRESSES);

  /** @param newToken 32 hexadecimal digits that nobody can guess */
  constructor(counters: Counters, newToken: () => string) {
    this.#counters = counters;
    this.#newToken = newToken;
  }

  /** A new token for a connection; one that it had is void. */
  grant(owner: SessionId, now: number): string {
    this.forget(owner);
    const [oldest] = this.#grants.values();
    if (oldest && this.#grants.size >= MAX_OBSERVATION_TOKENS) this.forget(oldest.owner);
    const token = this.#newToken();
    this.#grants.set(token, { owner, until: now + OBSERVATION_MS, left: OBSERVATION_USES });
    this.#tokens.set(owner, token);
    return token;
  }

  /** The connection is over. Idempotent. */
  forget(owner: SessionId): void {
    const token = this.#tokens.get(owner);
    if (token === undefined) return;
    this.#tokens.delete(owner);
    this.#grants.delete(token);
  }

  /** One datagram, from where it seems to come; what to send there, if anything. */
  datagram(bytes: Uint8Array, from: Endpoint, now: number): Uint8Array | undefined {
    const drops = this.#counters.observationDrops;
    const request = parsed(bytes);
    if (request?.kind !== "observe") return void drops["malformed"]++;
    const { token } = request;
    const grant = this.#grants.get(token);
    if (!grant || grant.until <= now) return void drops["unknown-token"]++;
    if (grant.left === 0) return void drops["used-up"]++;
    const answer = encodeDatagram({ kind: "observed", token, ...from });
    if (answer.length > bytes.length) return void drops["too-short"]++;
    grant.left--;
    // Whoever has a token can name anybody as its sender.
    if (!this.#budgetOf(from.ip).take(1, now)) return void drops["flood"]++;
    this.#counters.observations++;
    return answer;
  }

  #budgetOf(ip: string): TokenBucket {
    const key = limitKey(ip);
    let budget = this.#budgets.get(key);
    if (!budget) {
      budget = new TokenBucket(OBSERVATIONS_PER_SECOND, OBSERVATIONS_BURST);
      this.#budgets.set(key, budget);
    }
    return budget;
  }
}

function parsed(bytes: Uint8Array): Datagram | undefined {
  try {
    return parseDatagram(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
