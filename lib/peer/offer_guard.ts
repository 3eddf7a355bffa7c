import { isSignedBy } from "../crypto/identity.ts";
import type { TrustBook } from "../store/trust_book.ts";
import { sameHost } from "../protocol/address.ts";
import { type Offer, offerContext, offerFields } from "../protocol/datagram.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { TokenBucket } from "../protocol/token_bucket.ts";
import { BoundedMap } from "../store/bounded_map.ts";
import type { DropReason, Drops } from "./drops.ts";
import { MAX_REMEMBERED_SESSIONS, OFFER_CHECKS_PER_SECOND } from "./limits.ts";
import { isPassed, type Way } from "./post.ts";
import type { Roster } from "./roster.ts";
import type { Self } from "./self.ts";

/** What an {@linkcode OfferGuard} judges by. */
export interface OfferGuardOptions {
  readonly self: Self;
  readonly roster: Roster;
  readonly trust: TrustBook;
  readonly drops: Drops;
  /** Whether the original program's offers mean something to us. */
  readonly classic: boolean;
  /** Told once a user and key: their key is not the one we know. */
  readonly keyChanged: (user: KeyedUser) => void;
}

/** An offer that was let through: its repeats are the same in all of these. */
interface LastOffer {
  readonly counter: number;
  readonly offer: string;
  readonly tcpPort: number;
  readonly purpose?: "pipe";
  readonly signature: string;
}

/** Lets an offer through if it is of whom it says, for us, now: `docs/PROTOCOL.md` section 8. No answer before. */
export class OfferGuard {
  readonly #o: OfferGuardOptions;
  /**
   * The last offer of each session, of whoever is not here any more, too: a registry that tells of a session again
   * does not make its offers new ones.
   */
  readonly #last = new BoundedMap<string, LastOffer>(MAX_REMEMBERED_SESSIONS);
  /** How many more signatures in the name of a session are looked at. */
  readonly #budgets = new BoundedMap<string, TokenBucket>(MAX_REMEMBERED_SESSIONS);

  constructor(options: OfferGuardOptions) {
    this.#o = options;
  }

  /** The sender of a good offer; `undefined` for one that is to be dropped, which is counted. */
  sender(offer: Offer, from: Way, now: number): KeyedUser | undefined {
    const user = this.#o.roster.find(offer.username);
    const reason = user ? this.#fault(offer, user, from, now) : "unknown-sender";
    if (reason) this.#o.drops.count(reason);
    if (user && reason === "key-changed") this.#o.keyChanged(user);
    if (!user || reason) return undefined;
    const { signed, tcpPort } = offer;
    if (signed) this.#last.set(signed.session, { ...signed, tcpPort });
    return user;
  }

  #checks(session: string): TokenBucket {
    const known = this.#budgets.get(session);
    const budget = known ?? new TokenBucket(OFFER_CHECKS_PER_SECOND, OFFER_CHECKS_PER_SECOND);
    if (!known) this.#budgets.set(session, budget);
    return budget;
  }

  #fault(offer: Offer, user: KeyedUser, from: Way, now: number): DropReason | undefined {
    const { trust } = this.#o;
    const isRight = isPassed(from) ? user.session === from.session : sameHost(user.ip, from.ip);
    if (!isRight) return "wrong-source";
    if (trust.isBlocked(user.username, user.key?.publicKey)) return "blocked";
    const fault = offer.signed
      ? this.#signedFault(offer, offer.signed, user, now)
      : this.#classicFault(user, from);
    return fault ?? (trust.of(user) === "changed" ? "key-changed" : undefined);
  }

  #classicFault(user: KeyedUser, from: Way): DropReason | undefined {
    // A name that is known by a key is not spoken to in the clear, whatever the registry says of it now.
    if (user.key || isPassed(from) || this.#o.trust.keyOf(user.username) !== undefined) {
      return "unsigned";
    }
    return this.#o.classic ? undefined : "no-classic";
  }

  #signedFault(
    offer: Offer,
    signed: NonNullable<Offer["signed"]>,
    user: KeyedUser,
    now: number,
  ): DropReason | undefined {
    const { self } = this.#o;
    if (!user.key) return "no-key";
    if (offer.username !== user.username || signed.session !== user.session) return "replayed";
    if (signed.to !== self.username || signed.toSession !== self.session) return "wrong-target";
    const last = this.#last.get(signed.session);
    const older = last && signed.counter < last.counter;
    const other = last && signed.counter === last.counter && signed.offer !== last.offer;
    if (older || other) return "replayed";
    // Last, as it costs most; and not for ever.
    const same = last?.signature === signed.signature && last.tcpPort === offer.tcpPort;
    if (same && last.purpose === signed.purpose) return undefined;
    if (!this.#checks(signed.session).take(1, now)) return "flood";
    const fields = offerFields(self.registryKey, offer, signed);
    const context = offerContext(signed.purpose);
    if (!isSignedBy(user.key.publicKey, signed.signature, context, fields)) {
      return "bad-signature";
    }
    return undefined;
  }
}
