/**
 * Events as lines for people.
 *
 * @module
 */
import type { Trust } from "../store/trust_book.ts";
import type {
  ClientEvent,
  GapEvent,
  Peer,
  PrivateEvent,
  RegisteredEvent,
  SessionEvent,
  TrustEvent,
  WhoamiEvent,
} from "../peer/events.ts";
import type { User } from "../protocol/message.ts";
import { baseName } from "../protocol/name.ts";
import { COMMANDS } from "./command_line.ts";
import { safe } from "./safe.ts";

/** `event` as lines without line ends, safe for a terminal. */
export function renderClientEvent(event: ClientEvent): string[] {
  switch (event.event) {
    case "registered":
      return [registeredLine(event), ...event.peers.flatMap(lookalike)];
    case "resumed":
      return ["* back in the room"];
    case "gap":
      return [gapLine(event)];
    case "join":
      return [joinLine(event.username), ...lookalike(event)];
    case "leave":
      return [safe`* ${event.username} left`];
    case "broadcast":
      return [safe`<${event.from}> ${event.text}`];
    case "invite":
      if (event.for === "pipe") return [pipeLine(event)];
      return [
        safe`* ${event.from} asks for a private chat: /accept ${event.from} or /reject ${event.from}`,
      ];
    case "session":
      return [sessionLine(event)];
    case "private":
      return [safe`[${event.from}${chatWords(event)}] ${event.text}`];
    case "peers":
      if (event.peers.length === 0) return ["* nobody else is here"];
      return event.peers.map((peer) =>
        safe`* ${peer.username} (${address(peer)}), ${KEY_WORDS[peer.trust]}` +
        (peer.blocked ? ", blocked" : "") +
        (peer.session === "none" ? "" : `, private chat ${peer.session}`)
      );
    case "whoami":
      return whoamiLines(event);
    case "trust":
      return trustLines(event);
    case "block":
      return [safe`* ${event.peer} is ${event.blocked ? "" : "not "}blocked`];
    case "error":
      return [safe`! ${event.message} (${event.code})`];
    case "bye":
      return ["* bye"];
  }
}

/** The prompt, which says with whom there is a chat that others can read. */
export function renderPrompt(inTheClear: readonly string[]): string {
  if (inTheClear.length === 0) return "> ";
  return `${inTheClear.map((peer) => safe`${peer}`).join(", ")}: not encrypted > `;
}

/** The answer to `/help`. */
export function renderHelp(): string[] {
  return COMMANDS.map(([usage, what]) => `${usage.padEnd(28)} ${what}`);
}

/** What a peer's key is to us, in a list. */
const KEY_WORDS: Record<Trust, string> = {
  none: "no key",
  new: "new key",
  known: "known key",
  verified: "verified key",
  changed: "ANOTHER KEY than the one known",
};

function registeredLine({ username, peers }: RegisteredEvent): string {
  const base = baseName(username);
  const why = base === username ? "" : safe`: ${base} is here already, with your key`;
  const names = peers.map((peer) => safe`${peer.username}`).join(", ");
  return safe`* you are ${username}` + `${why}; here: ${names || "nobody else yet"}`;
}

function gapLine({ missed }: GapEvent): string {
  if (missed === null) return "! the registry has started anew: messages may be missing";
  const what = missed === 1 ? "1 message was" : `${missed} messages were`;
  return `! ${what} missed while the connection was away`;
}

function joinLine(username: string): string {
  const base = baseName(username);
  const which = base === username ? "" : safe` (another session of ${base})`;
  return safe`* ${username} joined` + which;
}

/** What is to be known of a private chat at each of its lines. */
function chatWords({ encrypted, verified }: PrivateEvent): string {
  if (!encrypted) return ", not encrypted";
  return verified ? ", verified" : "";
}

function lookalike({ username, looksLike }: Peer): string[] {
  if (looksLike === undefined) return [];
  return [safe`! ${username} looks like ${looksLike}, and is somebody else`];
}

function whoamiLines({ username, fingerprint, kept, registry, dropped }: WhoamiEvent): string[] {
  const counts = Object.entries(dropped).map(([reason, count]) => `${count} ${reason}`);
  return [
    safe`* you are ${username}, key ${fingerprint}${kept ? "" : " (for this run only)"}`,
    `* registry key ${registry || "unknown"}`,
    ...(counts.length === 0 ? [] : [`* dropped so far: ${counts.join(", ")}`]),
  ];
}

function trustLines({ peer, trust, safetyNumber }: TrustEvent): string[] {
  if (safetyNumber === undefined) return [safe`* ${peer}: no key is known now`];
  const groups = safetyNumber.split(" ");
  const lines = [`*   ${groups.slice(0, 6).join(" ")}`, `*   ${groups.slice(6).join(" ")}`];
  if (trust === "verified") {
    return [safe`* ${peer} is verified: private chats with ${peer} say so`, ...lines];
  }
  // A changed key has to be trusted before it can be verified.
  const first = trust === "changed" ? safe`/trust ${peer}, then ` : "";
  const compare = safe`* compare both lines with what ${peer} sees, by phone or face to face`;
  const same = safe`/verified ${peer}`;
  return [safe`* ${peer}: ${KEY_WORDS[trust]}`, ...lines, `${compare}; the same: ${first}${same}`];
}

function sessionLine({ peer, state, path, encrypted, verified, reason }: SessionEvent): string {
  if (state === "closed") return safe`* private chat with ${peer} ended: ${reason ?? "closed"}`;
  return safe`* private chat with ${peer} open (${path}, ${encrypted ? "" : "not "}encrypted${
    verified ? ", verified" : ""
  })`;
}

function address({ ip, udpPort }: Omit<User, "username">): string {
  return ip.includes(":") ? `[${ip}]:${udpPort}` : `${ip}:${udpPort}`;
}

/** Bytes go to a program of their own, not onto this screen. */
function pipeLine({ from }: { readonly from: string }): string {
  return safe`* ${from} wants to send you bytes: run confab-client pipe --from ${
    baseName(from)
  } > FILE in another terminal, or /reject ${from}`;
}
