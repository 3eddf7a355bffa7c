import { formatIp } from "./address.ts";
import { badMessage, type Fields } from "./fields.ts";
import { MAX_NAME_CODE_POINTS } from "./limits.ts";
import { codePoints } from "./utf8.ts";

/** One user as everybody sees it. */
export interface User {
  /** As its owner wrote it. */
  readonly username: string;
  /** Where UDP offers go: an IP literal, IPv6 without brackets. */
  readonly ip: string;
  /** 1 to 65535. */
  readonly udpPort: number;
}

/** A name of the longest kind with `~` and a number behind it: two of them always fit an offer. */
const MAX_TOLD_NAME_CODE_POINTS = MAX_NAME_CODE_POINTS + 8;

/** What everybody may know of a user, and nothing that came with it. */
export function plainUser({ username, ip, udpPort }: User): User {
  return { username, ip, udpPort };
}

/** `ip:port`, IPv6 in brackets. */
export function formatAddress({ ip, udpPort }: Omit<User, "username">): string {
  return `${formatIp(ip)}:${udpPort}`;
}

/** `user:ip:port`, as LIST, JOIN, LEAVE and REGISTER carry it. */
export function formatUser(user: User): string {
  return `${user.username}:${formatAddress(user)}`;
}

/** Reads `user:ip:port`; the name is not checked. */
export function readUser(fields: Fields): User {
  return { username: fields.next(), ip: fields.ip(), udpPort: fields.port() };
}

/** Reads `user:ip:port` as a registry tells it. */
export function readToldUser(fields: Fields): User {
  const user = readUser(fields);
  checkToldName(user.username);
  return user;
}

/**
 * A registry checks names; this keeps one that does not from filling memory and datagrams. Looser than
 * the rule for names, so that a later registry may allow more.
 *
 * @throws {ProtocolError} `bad-message`
 */
export function checkToldName(username: string): void {
  const length = codePoints(username);
  if (length === 0 || length > MAX_TOLD_NAME_CODE_POINTS) throw badMessage("not a user name");
}
