import type { PeerPort } from "./port.ts";
import type { Wiretap } from "./wiretap.ts";

/**
 * `port`, of which `tap` sees what is sent to the registry and by UDP; what the tap has to tell comes before the next
 * event. (What is sent on links it learns from those who know what it means.)
 */
export function tappedPort(port: PeerPort, tap: Wiretap): PeerPort {
  return {
    connectRegistry: () => port.connectRegistry(),
    sendRegistry: (bytes) => {
      tap.sentToRegistry(bytes);
      port.sendRegistry(bytes);
    },
    endRegistry: () => port.endRegistry(),
    sendDatagram: (bytes, to) => {
      tap.datagram("out", bytes, to);
      port.sendDatagram(bytes, to);
    },
    listen: (offer, peerIp) => port.listen(offer, peerIp),
    unlisten: (offer) => port.unlisten(offer),
    dial: (link, to) => port.dial(link, to),
    observe: (probe, nonce) => port.observe(probe, nonce),
    unobserve: (probe) => port.unobserve(probe),
    punch: (link, probe, to) => port.punch(link, probe, to),
    sendLink: (link, bytes) => port.sendLink(link, bytes),
    queued: (link) => port.queued(link),
    pauseLink: (link, isPaused) => port.pauseLink(link, isPaused),
    endLink: (link) => port.endLink(link),
    emit: (event) => {
      for (const each of tap.take()) port.emit(each);
      port.emit(event);
      // Nothing follows it.
      if (event.event === "bye") tap.turn(false);
    },
  };
}
