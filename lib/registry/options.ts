import type { Identity } from "../crypto/identity.ts";
import type { RegistryLimits } from "./limits.ts";
import type { Names } from "./names.ts";

/** What the machine is given besides bytes and the time. */
export interface RegistryCoreOptions extends RegistryLimits {
  /** The registry's own key; one that is not kept is announced as `ephemeral`. */
  readonly identity: Identity;
  /** Whom names belong to. */
  readonly names: Names;
  /** 32 random hexadecimal digits, others each time. */
  readonly newNonce: () => string;
  /** 16 random hexadecimal digits, others each time: session ids, and the tokens of PING. */
  readonly newId: () => string;
}
