import type { Endpoint } from "../protocol/address.ts";
import { decodeUtf8 } from "../protocol/utf8.ts";
import type { PeerPort } from "./port.ts";

/** How an offer or an answer travels: by UDP to or from there, or through the registry to or from a session. */
export type Way = Endpoint | { readonly session: string };

/** Whether it is a way through the registry. */
export function isPassed(way: Way): way is { readonly session: string } {
  return "session" in way;
}

/** Sends offers and answers, either way. */
export class Post {
  readonly #port: PeerPort;
  readonly #pass: (session: string, datagram: string) => void;

  constructor(port: PeerPort, pass: (session: string, datagram: string) => void) {
    this.#port = port;
    this.#pass = pass;
  }

  /** Sends what is a datagram by UDP. */
  send(bytes: Uint8Array, way: Way): void {
    if (isPassed(way)) this.#pass(way.session, decodeUtf8(bytes));
    else this.#port.sendDatagram(bytes, way);
  }
}
