import { type Identity, identityOf } from "../../lib/crypto/identity.ts";
import { encodeDatagram, offerFields, type SignedPart } from "../../lib/protocol/datagram.ts";
import { encodeUtf8 } from "../../lib/protocol/utf8.ts";
import type { KeyedUser } from "../../lib/protocol/keyed.ts";
import { seedOf, type VirtualClient, type VirtualWorld } from "./virtual_world.ts";

/** What an offer says; left out, what a good one of `from` to `to` would. */
export interface OfferParts extends Partial<Omit<SignedPart, "signature">> {
  readonly username?: string;
  readonly tcpPort?: number;
  /** Who signs; `from` where left out. */
  readonly signer?: Identity;
  readonly registryKey?: string;
}

/** How `others` see a client that is in the room. */
export function userOf(client: VirtualClient, other: VirtualClient): KeyedUser {
  const user = other.engine.peers.find(({ username }) => username === client.name);
  if (!user) throw new Error(`${other.name} does not see ${client.name}`);
  return user;
}

/** The bytes of a signed offer, changed as `parts` say; the signature is over what it says. */
export function signedOffer(
  world: VirtualWorld,
  from: VirtualClient,
  to: VirtualClient,
  parts: OfferParts = {},
): Uint8Array {
  const {
    username = from.name,
    tcpPort = 9,
    signer = identityOf(seedOf(from.name), true),
    registryKey = world.registryIdentity.publicKey,
    ...given
  } = parts;
  const part = {
    session: userOf(from, to).session,
    to: to.name,
    toSession: userOf(to, from).session,
    counter: 1,
    offer: "ff".repeat(16),
    ...given,
  };
  const signature = signer.sign(
    "confab-offer-v1",
    offerFields(registryKey, { username, tcpPort }, part),
  );
  return encodeDatagram({ kind: "offer", username, tcpPort, signed: { ...part, signature } });
}

/** An offer with other values than those that were signed; `undefined` leaves one out. */
export function changedOffer(bytes: Uint8Array, change: Record<string, unknown>): Uint8Array {
  return encodeUtf8(JSON.stringify({ ...JSON.parse(new TextDecoder().decode(bytes)), ...change }));
}

/** What a client says that it has dropped. */
export function dropped(client: VirtualClient): Record<string, number> {
  client.do({ command: "whoami" });
  return { ...client.told("whoami").at(-1)?.dropped };
}
