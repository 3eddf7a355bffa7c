/**
 * Events as lines for people.
 *
 * @module
 */
import type { ClientEvent, SessionEvent } from "../peer/events.ts";
import type { User } from "../protocol/message.ts";
import type { RegistryEvent } from "../registry/registry.ts";
import { COMMANDS } from "./command_line.ts";
import { escapeForTerminal } from "./escape.ts";

/** `event` as lines without line ends, safe for a terminal. */
export function renderClientEvent(event: ClientEvent): string[] {
  return clientLines(event).map(escapeForTerminal);
}

/** What happens at a registry, as one line. */
export function renderRegistryEvent(event: RegistryEvent): string {
  if (event.event === "error") return escapeForTerminal(`! ${event.code}: ${event.message}`);
  const verb = event.event === "join" ? "joined" : "left";
  return escapeForTerminal(`${event.username} ${verb} (${address(event)})`);
}

/** The answer to `/help`. */
export function renderHelp(): string[] {
  return COMMANDS.map(([usage, what]) => `${usage.padEnd(28)} ${what}`);
}

function clientLines(event: ClientEvent): string[] {
  switch (event.event) {
    case "registered": {
      const names = event.peers.map(({ username }) => username).join(", ");
      return [`* you are ${event.username}; here: ${names || "nobody else yet"}`];
    }
    case "join":
      return [`* ${event.username} joined`];
    case "leave":
      return [`* ${event.username} left`];
    case "broadcast":
      return [`<${event.from}> ${event.text}`];
    case "invite":
      return [
        `* ${event.from} asks for a private chat: /accept ${event.from} or /reject ${event.from}`,
      ];
    case "session":
      return [sessionLine(event)];
    case "private":
      return [`[${event.from}${event.encrypted ? "" : ", not encrypted"}] ${event.text}`];
    case "peers":
      if (event.peers.length === 0) return ["* nobody else is here"];
      return event.peers.map((peer) =>
        `* ${peer.username} (${address(peer)})` +
        (peer.session === "none" ? "" : `, private chat ${peer.session}`)
      );
    case "error":
      return [`! ${event.message} (${event.code})`];
    case "bye":
      return ["* bye"];
  }
}

function sessionLine({ peer, state, path, encrypted, reason }: SessionEvent): string {
  if (state === "closed") return `* private chat with ${peer} ended: ${reason ?? "closed"}`;
  return `* private chat with ${peer} open (${path}, ${encrypted ? "" : "not "}encrypted)`;
}

function address({ ip, udpPort }: Omit<User, "username">): string {
  return ip.includes(":") ? `[${ip}]:${udpPort}` : `${ip}:${udpPort}`;
}
