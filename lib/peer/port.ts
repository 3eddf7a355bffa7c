import type { Endpoint } from "../protocol/address.ts";
import type { ClientEvent } from "./events.ts";

/** A private TCP connection, numbered by the engine (dialled) or by its host (accepted). */
export type LinkId = number;

/**
 * What the engine asks of the world. None of these blocks or throws; results come back as calls of
 * the engine's own methods.
 */
export interface PeerPort {
  /** Connects to the registry; answered by `registryOpened` or `registryClosed`. */
  connectRegistry(): void;
  sendRegistry(bytes: Uint8Array): void;
  /** Ends the connection to the registry after what was sent. */
  endRegistry(): void;
  sendDatagram(bytes: Uint8Array, to: Endpoint): void;
  /** Listens for `offer` where `peerIp` can dial; answered by `listening` or `listenFailed`. */
  listen(offer: string, peerIp: string): void;
  /** Closes that listener. Links accepted by it live on. */
  unlisten(offer: string): void;
  /** Dials; answered by `linkOpened` or `linkEnded`. */
  dial(link: LinkId, to: Endpoint): void;
  /**
   * Connects to the registry from a port of its own, and asks how that is seen; answered by `observed`. The port is kept.
   *
   * @param nonce 32 hexadecimal digits
   */
  observe(probe: LinkId, nonce: string): void;
  /** Gives that port back. */
  unobserve(probe: LinkId): void;
  /** Dials from the port of `probe`; answered by `linkOpened` or `linkEnded`. */
  punch(link: LinkId, probe: LinkId, to: Endpoint): void;
  /** @returns whether the bytes were taken: not if too many wait already */
  sendLink(link: LinkId, bytes: Uint8Array): boolean;
  /** Bytes sent on a link that the system has not taken yet. */
  queued(link: LinkId): number;
  /** Leaves what comes on a link lying, or takes it again: its sender has to wait. */
  pauseLink(link: LinkId, isPaused: boolean): void;
  /** Ends a link after what was sent. */
  endLink(link: LinkId): void;
  emit(event: ClientEvent): void;
}
