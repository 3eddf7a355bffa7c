import { formatIp } from "../protocol/address.ts";
import type { RegistryEvent } from "../registry/events.ts";
import { safe } from "./safe.ts";

/** What happens at a registry, as one line without its end, safe for a terminal. */
export function renderRegistryEvent(event: RegistryEvent): string {
  if (event.event === "error") return safe`! ${event.code}: ${event.message}`;
  const who = safe`${event.username}`;
  const where = safe`(${formatIp(event.ip)}:${event.udpPort})`;
  switch (event.event) {
    case "join":
      return `${who} joined ${where}`;
    case "leave": {
      const isUsual = event.reason === "quit" || event.reason === "ended";
      return `${who} left ${where}${isUsual ? "" : `: ${event.reason}`}`;
    }
    case "drop":
      return `${who} lost the connection ${where}: ${event.reason}`;
    case "resume":
      return `${who} is back ${where}`;
  }
}
