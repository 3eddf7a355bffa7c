import type { Identity } from "../crypto/identity.ts";
import type { Counters } from "./counters.ts";
import type { RegistryLimits } from "./limits.ts";
import type { Names } from "./names.ts";

/** What the machine is given besides bytes and the time. */
export interface RegistryCoreOptions extends RegistryLimits {
  /** Seconds that a session is kept whose connection is lost; 0: none is. */
  readonly grace: number;
  /** The registry's own key; one that is not kept is announced as `ephemeral`. */
  readonly identity: Identity;
  /** Whom names belong to. */
  readonly names: Names;
  /** 32 random hexadecimal digits, others each time: nonces, and the tokens of RESUME. */
  readonly newNonce: () => string;
  /** 16 random hexadecimal digits, others each time: the epoch, session ids, and the tokens of PING. */
  readonly newId: () => string;
  /** Where it counts what it does; for itself where left out. */
  readonly counters?: Counters;
}
