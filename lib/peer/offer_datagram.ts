import { encodeDatagram, offerContext, offerFields } from "../protocol/datagram.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import type { OutgoingOffer } from "./outgoing_offer.ts";
import type { Self } from "./self.ts";

/**
 * The bytes of an offer as it is sent now.
 *
 * @param to its peer as the roster has it now: signed for that session, if the peer has a key
 */
export function offerDatagram(
  self: Self,
  { id, counter, purpose }: OutgoingOffer,
  to: KeyedUser,
  tcpPort: number,
): Uint8Array {
  const plain = { kind: "offer", username: self.username, tcpPort } as const;
  if (!to.key) return encodeDatagram(plain);
  const { username, session: toSession } = to;
  const part = {
    session: self.session,
    to: username,
    toSession,
    counter,
    offer: id,
    ...(purpose && { purpose }),
  };
  const fields = offerFields(self.registryKey, plain, part);
  const signature = self.identity.sign(offerContext(purpose), fields);
  return encodeDatagram({ ...plain, signed: { ...part, signature } });
}
