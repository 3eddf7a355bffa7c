/**
 * Addresses as messages carry them: literals, one spelling each.
 *
 * @module
 */
import ipaddr from "ipaddr.js";
import { isIPv4, isIPv6 } from "node:net";

/** Where a user can be reached by UDP, or a TCP port to dial. */
export interface Endpoint {
  /** An IP literal as {@linkcode parseIp} gives it: no brackets. */
  readonly ip: string;
  /** 1 to 65535. */
  readonly port: number;
}

/**
 * `text` in the one spelling this program compares: IPv4 dotted, IPv6 in RFC 5952 form, the mapped
 * `::ffff:192.0.2.1` as IPv4. `undefined` if it is not an IP literal, or one with a zone.
 */
export function parseIp(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (text.includes("%") || !isIPv6(text)) return undefined;
  // ipaddr.js takes `::192.0.2.1` for a mapped address, which it is not.
  return ipaddr.process(text.replace(/^::(?=\d+\.)/, "0::")).toString();
}

/** Whether `ip`, from {@linkcode parseIp}, is an IPv6 address. */
export function isV6(ip: string): boolean {
  return ip.includes(":");
}

/** Whether `ip` is 127.0.0.0/8 or ::1. */
export function isLoopback(ip: string): boolean {
  return ipaddr.parse(ip).range() === "loopback";
}

/** Whether no datagram to `ip` can reach just one host: unspecified, multicast, broadcast. */
export function isNoHost(ip: string): boolean {
  return ["unspecified", "multicast", "broadcast"].includes(ipaddr.parse(ip).range());
}

/** Whether both literals name one host: equal, or each of them loopback, whatever its family. */
export function sameHost(a: string, b: string): boolean {
  return a === b || (isLoopback(a) && isLoopback(b));
}

/** What limits count as one party: an IPv4 address, or the /64 that an IPv6 host chooses from. */
export function limitKey(ip: string): string {
  if (!isV6(ip)) return ip;
  const parsed = ipaddr.parse(ip);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(":") : ip;
}

/** `ip` as a field of a message: IPv6 in brackets. */
export function formatIp(ip: string): string {
  return isV6(ip) ? `[${ip}]` : ip;
}

/** A decimal port without sign or leading zero, 1 to 65535; `undefined` if `text` is none. */
export function parsePort(text: string): number | undefined {
  const port = /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}
