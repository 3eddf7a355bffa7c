import type { PeersEvent } from "../peer/events.ts";
import type { User } from "../protocol/message.ts";
import type { Trust } from "../store/trust_book.ts";
import { safe } from "./safe.ts";
import { displayWidth, padToWidth } from "./terminal/width.ts";

/** Columns that a name may widen the table to; a longer one moves its own row alone. */
const MAX_NAME_COLUMNS = 24;

/** What a peer's key is to us, in a list. */
export const KEY_WORDS: Record<Trust, string> = {
  none: "no key",
  new: "new key",
  known: "known key",
  verified: "verified key",
  changed: "ANOTHER KEY than the one known",
};

/** Who is here, as a table: name, key, private chat, address. */
export function renderPeers({ peers }: PeersEvent): string[] {
  if (peers.length === 0) return ["-!- nobody else is here"];
  const rows = peers.map((peer) => [
    safe`${peer.username}`,
    KEY_WORDS[peer.trust] + (peer.blocked ? ", blocked" : ""),
    chatWords(peer),
    safe`${address(peer)}`,
  ]);
  const widths = [0, 1, 2].map((column) =>
    Math.max(
      ...rows.map((row) => displayWidth(row[column] ?? ""))
        .map((width) => column > 0 || width <= MAX_NAME_COLUMNS ? width : 0),
    )
  );
  return rows.map((row) =>
    "-!- " + row.map((cell, column) => padToWidth(cell, widths[column] ?? 0)).join("  ")
  );
}

function chatWords({ session, path, encrypted }: PeersEvent["peers"][number]): string {
  if (session === "none") return "-";
  if (session === "opening") return "chat opening";
  const how = encrypted === undefined ? [] : [encrypted ? "encrypted" : "not encrypted"];
  return ["chat", [...(path === undefined ? [] : [path]), ...how].join(", ")].join(" ").trimEnd();
}

function address({ ip, udpPort }: Omit<User, "username">): string {
  return ip.includes(":") ? `[${ip}]:${udpPort}` : `${ip}:${udpPort}`;
}
