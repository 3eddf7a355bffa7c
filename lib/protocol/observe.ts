/**
 * How a client learns the address that others see it under: `docs/PROTOCOL.md` section 12. The two frames, and what the
 * two datagrams hold.
 *
 * @module
 */
import { parseIp } from "./address.ts";
import { badMessage, type Fields } from "./fields.ts";
import { formatAddress } from "./user.ts";

/** The capability of section 12: OBSERVE is answered. */
export const OBSERVE = "observe";
/** Hexadecimal digits of an observation's token (128 bits: nobody can guess it). */
export const OBSERVATION_TOKEN_DIGITS = 32;
/** UDP ports that a registry observes from, at most. */
export const MAX_OBSERVATION_PORTS = 2;
/**
 * Bytes of a datagram that asks: more than any answer has (140), so that who sends one in another's name makes that
 * one get less than was sent.
 */
export const OBSERVE_DATAGRAM_BYTES = 160;

/** `OBSERVE`: what address do you see? */
export interface Observe {
  readonly verb: "OBSERVE";
}

/** `OBSERVED:<IP>:<port>:<token>[:<UDP port>[:<UDP port>]]`. */
export interface Observed {
  readonly verb: "OBSERVED";
  /** Where the connection comes from, as the registry sees it. */
  readonly ip: string;
  /** 1 to 65535. */
  readonly port: number;
  /** For {@linkcode ObserveRequest}: 32 lower-case hexadecimal digits. */
  readonly token: string;
  /** Where to send it; none where the registry does not observe by UDP. */
  readonly udpPorts: readonly number[];
}

/** A datagram: from where do you see this come? */
export interface ObserveRequest {
  readonly kind: "observe";
  readonly token: string;
}

/** The answer, by UDP as well. */
export interface Observation {
  readonly kind: "observed";
  /** That of the request. */
  readonly token: string;
  /** Where the request came from. */
  readonly ip: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** Reads OBSERVED after its verb. */
export function readObserved(fields: Fields): Observed {
  const [ip, port] = [fields.ip(), fields.port()];
  const token = fields.hex(OBSERVATION_TOKEN_DIGITS);
  const udpPorts: number[] = [];
  while (!fields.ended) {
    if (udpPorts.length === MAX_OBSERVATION_PORTS) throw badMessage("too many ports");
    udpPorts.push(fields.port());
  }
  return { verb: "OBSERVED", ip, port, token, udpPorts };
}

/** The payload of OBSERVED. */
export function formatObserved({ ip, port, token, udpPorts }: Observed): string {
  return ["OBSERVED", formatAddress({ ip, udpPort: port }), token, ...udpPorts].join(":");
}

/** What the JSON object of a request holds after its type and version, filled up to its size. */
export function requestKeys({ token }: ObserveRequest): object {
  const bare = `{"type":"confab_observe","confab":1,"token":"${token}","pad":""}`;
  return { token, pad: "0".repeat(Math.max(0, OBSERVE_DATAGRAM_BYTES - bare.length)) };
}

/** What the JSON object of an answer holds after its type and version. */
export function observationKeys({ token, ip, port }: Observation): object {
  return { token, ip, port };
}

/** Reads a request. @throws {ProtocolError} `bad-message` */
export function parseObserveRequest(value: Record<string, unknown>): ObserveRequest {
  return { kind: "observe", token: readToken(value) };
}

/** Reads an answer. @throws {ProtocolError} `bad-message` */
export function parseObservation(value: Record<string, unknown>): Observation {
  const token = readToken(value);
  const { ip, port } = value;
  if (typeof ip !== "string" || parseIp(ip) !== ip) throw badMessage("not an IP address");
  if (!Number.isInteger(port) || Number(port) < 1 || Number(port) > 65_535) {
    throw badMessage("not a port from 1 to 65535");
  }
  return { kind: "observed", token, ip, port: Number(port) };
}

function readToken({ token }: Record<string, unknown>): string {
  if (typeof token !== "string" || !/^[0-9a-f]{32}$/.test(token)) throw badMessage("not a token");
  return token;
}
