import type { Identity } from "../crypto/identity.ts";
import type { Counters } from "./counters.ts";
import { HISTORY_MESSAGES, type RegistryLimits } from "./limits.ts";
import type { Names } from "./names.ts";

/** A day: who comes back later comes anew. In seconds. */
export const MAX_GRACE = 86_400;

/** What the machine is given besides bytes and the time. */
export interface RegistryCoreOptions extends RegistryLimits {
  /** Seconds that a session is kept whose connection is lost, at most 86,400; 0: none is. */
  readonly grace: number;
  /** The registry's own key; one that is not kept is announced as `ephemeral`. */
  readonly identity: Identity;
  /** Whom names belong to. */
  readonly names: Names;
  /** 32 random hexadecimal digits, others each time: nonces, and the tokens of RESUME. */
  readonly newNonce: () => string;
  /** 16 random hexadecimal digits, others each time: the epoch, session ids, and the tokens of PING. */
  readonly newId: () => string;
  /** UDP ports from which it observes clients, as they are now; none where left out. */
  readonly udpPorts?: () => readonly number[];
  /** Where it counts what it does; for itself where left out. */
  readonly counters?: Counters;
}

/** The numbers among them. */
export type Numbers = Pick<
  RegistryCoreOptions,
  "maxClients" | "maxPerIp" | "messageRate" | "replay" | "grace"
>;

/**
 * Checks what the type does not say. A number that `WELCOME` cannot carry would let nobody in.
 *
 * @throws {RangeError} for one that is no whole number, is under 0, is a `grace` over 86,400, or a `replay` over
 * what is remembered
 */
export function checkNumbers(
  { maxClients, maxPerIp, messageRate, replay, grace }: Numbers,
): void {
  const all = { maxClients, maxPerIp, messageRate, replay, grace };
  for (const [name, value] of Object.entries(all)) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`Cannot serve with ${name} ${value}: whole numbers from 0`);
    }
  }
  if (grace > MAX_GRACE) {
    throw new RangeError(`Cannot serve with grace ${grace}: 0 to ${MAX_GRACE}`);
  }
  if (replay > HISTORY_MESSAGES) {
    throw new RangeError(`Cannot serve with replay ${replay}: 0 to ${HISTORY_MESSAGES}`);
  }
}
