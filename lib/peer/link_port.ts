import type { LinkId, PeerPort } from "./port.ts";
import type { RelayLinks } from "./relay_links.ts";

/** What private links ask of the world: connections, and links through the registry that are like them. */
export interface LinkPort
  extends Pick<PeerPort, "dial" | "punch" | "sendLink" | "queued" | "endLink"> {
  /** Asks for a link with that session through the registry; answered by `linkOpened` or `linkEnded`. */
  meet(link: LinkId, session: string, offer: string): void;
}

/** `port` with `relay` beside it. */
export function linkPort(port: PeerPort, relay: RelayLinks): LinkPort {
  return {
    dial: (link, to) => port.dial(link, to),
    punch: (link, probe, to) => port.punch(link, probe, to),
    meet: (link, session, offer) => relay.meet(link, session, offer),
    sendLink: (link, bytes) =>
      relay.has(link) ? relay.send(link, bytes) : port.sendLink(link, bytes),
    queued: (link) => relay.has(link) ? relay.queued(link) : port.queued(link),
    endLink: (link) => relay.has(link) ? relay.end(link) : port.endLink(link),
  };
}
