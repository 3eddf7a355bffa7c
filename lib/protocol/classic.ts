/**
 * What the classic dialect does differently, `docs/PROTOCOL.md` section 6.
 *
 * @module
 */
import { isV6 } from "./address.ts";
import { badMessage } from "./fields.ts";
import { MAX_CLASSIC_TEXT_BYTES } from "./limits.ts";
import { type ClientMessage, formatMessage, parseClientMessage, plainUser } from "./message.ts";
import type { ServerMessage } from "./message.ts";
import { splitByBytes } from "./utf8.ts";

/** Under this name errors reach a classic client; no user can have it. */
export const CLASSIC_VOICE = "server";

// deno-lint-ignore no-control-regex -- these characters are what would forge lines.
const CONTROL = /[\x00-\x1f\x7f]/g;

/**
 * The message in one line from a classic client.
 *
 * @throws {ProtocolError} as `parseClientMessage`, and `bad-message` for QUIT and for IPv6
 */
export function parseClassicLine(line: string): ClientMessage {
  const message = parseClientMessage(line);
  if (message.verb === "QUIT") throw badMessage("unknown verb; close the connection to quit");
  if (message.verb !== "REGISTER" && message.verb !== "BROADCAST") throw badMessage("unknown verb");
  if (message.verb === "REGISTER" && isV6(message.ip)) throw badMessage("not an IPv4 address");
  return message;
}

/**
 * `message` as the lines, without CR LF, that tell it to a classic client: none for what is hidden
 * from it (users on IPv6), several for a long text.
 */
export function classicLines(message: ServerMessage): string[] {
  switch (message.verb) {
    case "BROADCAST":
      return textLines(message.username, message.text);
    case "ERROR":
      return textLines(CLASSIC_VOICE, `${message.code}: ${message.text}`);
    case "UPDATE":
      if (isV6(message.user.ip)) return [];
      return [formatMessage({ ...message, user: plainUser(message.user) })];
    case "LIST":
      return [formatMessage({ verb: "LIST", users: message.users.filter((u) => !isV6(u.ip)) })];
    default:
      return []; // What such a client has not asked for.
  }
}

/** `text` with each control character, which could end or forge a line, as one space. */
export function classicText(text: string): string {
  return text.replace(CONTROL, " ");
}

function textLines(username: string, text: string): string[] {
  return splitByBytes(classicText(text), MAX_CLASSIC_TEXT_BYTES)
    .map((piece) => formatMessage({ verb: "BROADCAST", username, text: piece }));
}
