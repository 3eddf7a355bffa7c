import { isSignedBy } from "../crypto/identity.ts";
import type { RegistryPin } from "../store/registry_pin.ts";
import type { TrustBook } from "../store/trust_book.ts";
import { RESUME } from "../protocol/delivery.ts";
import { RELAY } from "../protocol/relay.ts";
import { REPLAY } from "../protocol/replay.ts";
import {
  type ClientCaps,
  EPHEMERAL,
  holdOf,
  type IdentityClaim,
  KEYS,
  type RegistryCaps,
} from "../protocol/keyed.ts";
import type { Self } from "./self.ts";

/** What a {@linkcode RegistryGreeting} works with. */
export interface RegistryGreetingOptions {
  readonly self: Self;
  readonly pin: RegistryPin;
  readonly trust: TrustBook;
  /** Whether to ask for what was said before we came. */
  readonly replay: boolean;
  /** Whether our private chats may go through the registry. */
  readonly relay: boolean;
  /** 32 lower-case hexadecimal digits, different each time. */
  readonly newId: () => string;
}

/** Why we do not go on with a registry. */
export interface GreetingFault {
  readonly fault: { readonly code: string; readonly text: string };
}

/**
 * The beginning of each connection to the registry: it proves that it has the key we know it by, we prove
 * that our name is ours. No sockets, no clock.
 */
export class RegistryGreeting {
  readonly #o: RegistryGreetingOptions;
  #nonce = "";
  #registryKey = "";
  #delivers = false;
  #replays = false;
  #relays = false;

  constructor(options: RegistryGreetingOptions) {
    this.#o = options;
  }

  /** The registry's key: 64 hexadecimal digits once it has proven it. */
  get registryKey(): string {
    return this.#registryKey;
  }

  /** Whether this connection's registry numbers and acknowledges: `docs/PROTOCOL.md` section 10. */
  get delivers(): boolean {
    return this.#delivers;
  }

  /** Whether this connection's registry gives what was said before we came, if it is asked. */
  get replays(): boolean {
    return this.#replays;
  }

  /** Whether private chats may go through this connection's registry, as far as we and it are concerned. */
  get relays(): boolean {
    return this.#relays;
  }

  /** Our first message on a new connection. */
  begin(): ClientCaps {
    this.#nonce = this.#o.newId();
    this.#delivers = this.#replays = this.#relays = false;
    const { replay, relay } = this.#o;
    const capabilities = [KEYS, RESUME, ...(replay ? [REPLAY] : []), ...(relay ? [RELAY] : [])];
    return { verb: "CAPS", nonce: this.#nonce, capabilities };
  }

  /** What to answer to the registry's. */
  answer(caps: RegistryCaps): IdentityClaim | GreetingFault {
    const { registryKey, signature, capabilities } = caps;
    if (!capabilities.includes(KEYS)) {
      return fault("not-connected", "The registry does not know keys: it is none of confab's");
    }
    const signed = [this.#nonce, caps.nonce, capabilities.join(",")];
    if (!isSignedBy(registryKey, signature, "confab-registry-v1", signed)) {
      return fault("bad-proof", "The registry has not proven that its key is its own");
    }
    const lasting = !capabilities.includes(EPHEMERAL);
    if (!this.#o.pin.accepts(registryKey, lasting)) {
      return fault(
        "key-changed",
        "The registry has another key than before: it was set up anew, or somebody poses as it. " +
          "If you know why, start once with --trust-registry",
      );
    }
    this.#registryKey = registryKey;
    this.#delivers = capabilities.includes(RESUME);
    this.#replays = this.#o.replay && this.#delivers && capabilities.includes(REPLAY);
    this.#relays = this.#o.relay && capabilities.includes(RELAY);
    this.#o.trust.enter(lasting ? registryKey : undefined);
    return this.#claim(caps.nonce);
  }

  #claim(registryNonce: string): IdentityClaim {
    const { chosen: username, identity } = this.#o.self;
    const key = { publicKey: identity.publicKey, kept: identity.kept };
    const fields = [this.#registryKey, username, holdOf(key), this.#nonce, registryNonce];
    const signature = identity.sign("confab-register-v1", fields);
    return { verb: "IDENTITY", username, key, signature };
  }
}

function fault(code: string, text: string): GreetingFault {
  return { fault: { code, text } };
}
