import type { UserKey } from "../protocol/keyed.ts";
import type { SessionReason } from "./reasons.ts";

/** What one private link's protocol reports. */
export interface ChatWireHandler {
  send(bytes: Uint8Array): void;
  /** Both sides know who the other one is. */
  opened(): void;
  /**
   * The protocol is over and the link has to end. Before `opened`, nothing of it concerns the user but
   * that the link came to nothing.
   */
  closed(reason: SessionReason): void;
}

/** One private link's protocol, sealed or classic. No sockets, no clock. */
export interface ChatWire {
  /** Bytes of the peer's, in any chunking. */
  receive(chunk: Uint8Array): void;
  /** Tells the peer why this ends, where the protocol can; the caller ends the link. */
  close(reason: SessionReason): void;
  /** The key that the peer has proven to have, with its own word on whether it lasts. */
  readonly provenKey: UserKey | undefined;
  /** How many writes still wait for their time. */
  readonly pending: number;
  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined;
  timeout(now: number): void;
}
