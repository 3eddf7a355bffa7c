/**
 * Every datagram: the UDP handshake, `docs/PROTOCOL.md` section 8, and observation, section 12. One JSON object each.
 *
 * @module
 */
import { badMessage } from "./fields.ts";
import { SESSION_DIGITS, SIGNATURE_DIGITS } from "./keyed.ts";
import { MAX_DATAGRAM_BYTES } from "./limits.ts";
import {
  type Observation,
  observationKeys,
  type ObserveRequest,
  parseObservation,
  parseObserveRequest,
  requestKeys,
} from "./observe.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

/** The version of the protocol that this program speaks; `confab` in datagrams. */
export const PROTOCOL_VERSION = 1;

/** "My TCP port is": the original program's offer, from or to a user without a key when `signed` is missing. */
export interface Offer {
  readonly kind: "offer";
  /** The sender's registered name. */
  readonly username: string;
  /** 1 to 65535, to be dialled at the datagram's source IP. */
  readonly tcpPort: number;
  /** What a user with a key adds for another one. */
  readonly signed?: SignedPart;
}

/** What makes an offer one that nobody else can have made, for nobody else, and only once. */
export interface SignedPart {
  /** The sender's session id: 16 lower-case hexadecimal digits. */
  readonly session: string;
  /** The name of the user this is for. */
  readonly to: string;
  /** The session id of that user. */
  readonly toSession: string;
  /** 1 to 2^53 - 1, higher than that of each offer of the sender's session before. */
  readonly counter: number;
  /** 32 lower-case hexadecimal digits, one value for an offer and its repeats. */
  readonly offer: string;
  /** `for` on the wire. Left out: a chat. */
  readonly purpose?: "pipe";
  /** 128 lower-case hexadecimal digits, over {@linkcode offerFields}, in the context of {@linkcode offerContext}. */
  readonly signature: string;
}

/** What has become of an offer at its receiver. */
export type OfferState = "pending" | "accepted" | "rejected" | "expired";

/** The acknowledgement of an offer, sent each time it arrives and when its state changes. */
export interface Answer {
  readonly kind: "answer";
  readonly offer: string;
  readonly state: OfferState;
}

/** Any datagram: between clients, or of a client and the registry. */
export type Datagram = Offer | Answer | ObserveRequest | Observation;

const STATES: readonly unknown[] = ["pending", "accepted", "rejected", "expired"];
const OFFER_DIGITS = 32;

/** What the signature of an offer at the registry of that key is over, in this order. */
export function offerFields(
  registryKey: string,
  { username, tcpPort }: Pick<Offer, "username" | "tcpPort">,
  { session, to, toSession, counter, offer }: Omit<SignedPart, "signature">,
): string[] {
  return [registryKey, username, session, to, toSession, `${counter}`, offer, `${tcpPort}`];
}

/** The context of an offer's signature: it binds what the offer is for. */
export function offerContext(purpose: "pipe" | undefined): "confab-offer-v1" | "confab-pipe-v1" {
  return purpose === "pipe" ? "confab-pipe-v1" : "confab-offer-v1";
}

/**
 * The bytes of `datagram`.
 *
 * @throws {RangeError} if they are over 1,000
 */
export function encodeDatagram(datagram: Datagram): Uint8Array<ArrayBuffer> {
  const bytes = encodeUtf8(JSON.stringify(keysOf(datagram)));
  if (bytes.length > MAX_DATAGRAM_BYTES) {
    throw new RangeError(
      `Cannot send a datagram of ${bytes.length} bytes: over ${MAX_DATAGRAM_BYTES}`,
    );
  }
  return bytes;
}

/**
 * The datagram in `bytes`.
 *
 * @throws {ProtocolError} `bad-message` or `bad-frame`; there is no answer to such a datagram
 */
export function parseDatagram(bytes: Uint8Array): Datagram {
  if (bytes.length > MAX_DATAGRAM_BYTES) throw badMessage(`over ${MAX_DATAGRAM_BYTES} bytes`);
  const value = parseObject(decodeUtf8(bytes));
  switch (value["type"]) {
    case "tcp_port_info":
      return parseOffer(value);
    case "confab_answer":
      return parseAnswer(value);
    case "confab_observe":
      checkVersion(value);
      return parseObserveRequest(value);
    case "confab_observed":
      checkVersion(value);
      return parseObservation(value);
    default:
      throw badMessage("unknown type");
  }
}

function keysOf(datagram: Datagram): object {
  switch (datagram.kind) {
    case "offer":
      return {
        type: "tcp_port_info",
        username: datagram.username,
        tcp_port: datagram.tcpPort,
        ...(datagram.signed && signedKeys(datagram.signed)),
      };
    case "answer": {
      const { offer, state } = datagram;
      return { type: "confab_answer", confab: PROTOCOL_VERSION, offer, state };
    }
    case "observe":
      return { type: "confab_observe", confab: PROTOCOL_VERSION, ...requestKeys(datagram) };
    case "observed":
      return { type: "confab_observed", confab: PROTOCOL_VERSION, ...observationKeys(datagram) };
  }
}

function signedKeys(part: SignedPart): object {
  const { session, to, toSession, counter, offer, purpose, signature } = part;
  return {
    confab: PROTOCOL_VERSION,
    ...(purpose && { for: purpose }),
    session,
    to,
    to_session: toSession,
    counter,
    offer,
    signature,
  };
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw badMessage("not JSON");
    throw cause;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badMessage("not an object");
  }
  return value as Record<string, unknown>;
}

function parseOffer(value: Record<string, unknown>): Offer {
  const { username, tcp_port: tcpPort } = value;
  if (typeof username !== "string" || username === "") throw badMessage("no username");
  if (!isInteger(tcpPort, 65_535)) throw badMessage("not a port from 1 to 65535");
  const common = { kind: "offer", username, tcpPort } as const;
  if (!Object.hasOwn(value, "confab")) return common;
  checkVersion(value);
  const { session, to, to_session: toSession, counter, offer, signature } = value;
  const wellFormed = typeof to === "string" && to !== "" && isHex(session, SESSION_DIGITS) &&
    isHex(toSession, SESSION_DIGITS) && isInteger(counter, Number.MAX_SAFE_INTEGER) &&
    isHex(offer, OFFER_DIGITS) && isHex(signature, SIGNATURE_DIGITS);
  if (!wellFormed) throw badMessage("no offer for us");
  const signed = { session, to, toSession, counter, offer, signature };
  if (!Object.hasOwn(value, "for")) return { ...common, signed };
  if (value["for"] !== "pipe") throw badMessage("for what we do not know");
  return { ...common, signed: { ...signed, purpose: "pipe" } };
}

function parseAnswer(value: Record<string, unknown>): Answer {
  checkVersion(value);
  const { offer, state } = value;
  if (!isHex(offer, OFFER_DIGITS) || !STATES.includes(state)) {
    throw badMessage("no answer to an offer");
  }
  return { kind: "answer", offer, state: state as OfferState };
}

function isHex(value: unknown, digits: number): value is string {
  return typeof value === "string" && value.length === digits && /^[0-9a-f]+$/.test(value);
}

function isInteger(value: unknown, most: number): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most;
}

function checkVersion(value: Record<string, unknown>): void {
  if (value["confab"] !== PROTOCOL_VERSION) throw badMessage("unknown version");
}
