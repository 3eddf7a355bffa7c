/**
 * The UDP handshake, `docs/PROTOCOL.md` section 7: one JSON object a datagram.
 *
 * @module
 */
import { badMessage } from "./fields.ts";
import { MAX_DATAGRAM_BYTES } from "./limits.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

/** The version of the protocol that this program speaks; `confab` in datagrams, in HELLO. */
export const PROTOCOL_VERSION = 1;

/** "My TCP port is": the original program's offer, from a classic client when `ours` is missing. */
export interface Offer {
  readonly kind: "offer";
  /** The sender's registered name. */
  readonly username: string;
  /** 1 to 65535, to be dialled at the datagram's source IP. */
  readonly tcpPort: number;
  /** What only clients of this protocol add. */
  readonly ours?: {
    /** The name of the user this is for. */
    readonly to: string;
    /** 32 lower-case hexadecimal digits, one value for an offer and its repeats. */
    readonly offer: string;
  };
}

/** What has become of an offer at its receiver. */
export type OfferState = "pending" | "accepted" | "rejected" | "expired";

/** The acknowledgement of an offer, sent each time it arrives and when its state changes. */
export interface Answer {
  readonly kind: "answer";
  readonly offer: string;
  readonly state: OfferState;
}

/** Any datagram between clients. */
export type Datagram = Offer | Answer;

const STATES: readonly unknown[] = ["pending", "accepted", "rejected", "expired"];
const OFFER_ID = /^[0-9a-f]{32}$/;

/** Whether `text` has the form of an offer's id. */
export function isOfferId(text: unknown): text is string {
  return typeof text === "string" && OFFER_ID.test(text);
}

/**
 * The bytes of `datagram`.
 *
 * @throws {RangeError} if they are over 1,000
 */
export function encodeDatagram(datagram: Datagram): Uint8Array<ArrayBuffer> {
  const bytes = encodeUtf8(JSON.stringify(
    datagram.kind === "offer"
      ? {
        type: "tcp_port_info",
        username: datagram.username,
        tcp_port: datagram.tcpPort,
        ...(datagram.ours && { confab: PROTOCOL_VERSION, ...datagram.ours }),
      }
      : {
        type: "confab_answer",
        confab: PROTOCOL_VERSION,
        offer: datagram.offer,
        state: datagram.state,
      },
  ));
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
    default:
      throw badMessage("unknown type");
  }
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
  const { username, tcp_port: tcpPort, to, offer } = value;
  if (typeof username !== "string" || username === "") throw badMessage("no username");
  if (!Number.isInteger(tcpPort) || Number(tcpPort) < 1 || Number(tcpPort) > 65_535) {
    throw badMessage("not a port from 1 to 65535");
  }
  const common = { kind: "offer", username, tcpPort: Number(tcpPort) } as const;
  if (!Object.hasOwn(value, "confab")) return common;
  checkVersion(value);
  if (typeof to !== "string" || to === "" || !isOfferId(offer)) throw badMessage("no offer for us");
  return { ...common, ours: { to, offer } };
}

function parseAnswer(value: Record<string, unknown>): Answer {
  checkVersion(value);
  const { offer, state } = value;
  if (!isOfferId(offer) || !STATES.includes(state)) throw badMessage("no answer to an offer");
  return { kind: "answer", offer, state: state as OfferState };
}

function checkVersion(value: Record<string, unknown>): void {
  if (value["confab"] !== PROTOCOL_VERSION) throw badMessage("unknown version");
}
