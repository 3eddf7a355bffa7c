/**
 * Events as lines for people.
 *
 * @module
 */
import type {
  BroadcastEvent,
  ClientEvent,
  GapEvent,
  Peer,
  PrivateEvent,
  RegisteredEvent,
  ReplayEvent,
  SessionEvent,
  TrustEvent,
  WhoamiEvent,
} from "../peer/events.ts";
import { baseName } from "../protocol/name.ts";
import { renderWhy } from "./render_why.ts";
import { renderWire } from "./render_wire.ts";
import { KEY_WORDS, renderPeers } from "./render_peers.ts";
import { renderPresence } from "./render_presence.ts";
import { safe } from "./safe.ts";
import { PLAIN_STYLE, type Style } from "./style.ts";

/**
 * `event` as lines without line ends, safe for a terminal.
 *
 * How a line begins says who speaks, and nobody else can make it so: `<ann> ` and `* ann ` are the
 * room, `[ann] ` is a private chat, `+ ` and `- ` are joins and leaves, `-!- ` and `! ` are this
 * program.
 */
export function renderClientEvent(event: ClientEvent, style: Style = PLAIN_STYLE): string[] {
  switch (event.event) {
    case "registered":
      return [registeredLine(event), ...event.peers.flatMap(lookalike)];
    case "resumed":
      return ["-!- back in the room"];
    case "gap":
      return [gapLine(event)];
    case "join":
      return [...renderPresence("join", [event.username], style), ...lookalike(event)];
    case "leave":
      return renderPresence("leave", [event.username], style);
    case "broadcast":
      return [agePrefix(event, style) + spoken(event, style)];
    case "replay":
      return replayLines(event);
    case "invite":
      if (event.for === "pipe") return [pipeLine(event)];
      return [
        safe`-!- ${event.from} asks for a private chat: /accept ${event.from} or /reject ${event.from}`,
      ];
    case "session":
      return [sessionLine(event)];
    case "private":
      return [whispered(event, style)];
    case "peers":
      return renderPeers(event);
    case "whoami":
      return whoamiLines(event);
    case "why":
      return renderWhy(event);
    case "wiretap":
      return [
        event.on ? "-!- what travels is shown: /wire off ends it" : "-!- what travels is not shown",
      ];
    case "wire":
      return renderWire(event);
    case "trust":
      return trustLines(event);
    case "block":
      return [safe`-!- ${event.peer} is ${event.blocked ? "" : "not "}blocked`];
    case "error":
      return [safe`! ${event.message} (${event.code})`];
    case "bye":
      return ["-!- bye"];
  }
}

function registeredLine({ username, peers }: RegisteredEvent): string {
  const base = baseName(username);
  const why = base === username ? "" : safe`: ${base} is here already, with your key`;
  const names = peers.map((peer) => safe`${peer.username}`).join(", ");
  return safe`-!- you are ${username}` + `${why}; here: ${names || "nobody else yet"}`;
}

/** `[-3 min] ` before what was said before we came. */
function agePrefix({ age }: BroadcastEvent, style: Style): string {
  return age === undefined ? "" : style.dim(`[-${duration(age)}] `);
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

function replayLines({ state, count, limit }: ReplayEvent): string[] {
  if (limit === 0) return ["-!- the registry gives newcomers nothing of what was said before"];
  if (state === "end") return count === 0 ? [] : ["-!- that was before you came"];
  const keeps = limit === 1 ? "last message" : `last ${limit} messages`;
  return [
    `-!- the registry keeps the ${keeps} for those who come: ${count || "none so far"}` +
    (count === 0 ? "" : count === 1 ? " follows" : " follow"),
  ];
}

function gapLine({ missed }: GapEvent): string {
  if (missed === null) return "! the registry has started anew: messages may be missing";
  const what = missed === 1 ? "1 message was" : `${missed} messages were`;
  return `! ${what} missed while the connection was away`;
}

function spoken({ from, text }: BroadcastEvent, style: Style): string {
  const name = style.name(from);
  const action = actionOf(text);
  return action === undefined ? `<${name}> ${style.text(text)}` : `* ${name} ${style.text(action)}`;
}

function whispered(event: PrivateEvent, style: Style): string {
  const name = style.name(event.from);
  const action = actionOf(event.text);
  const said = action === undefined ? style.text(event.text) : `* ${name} ${style.text(action)}`;
  return `[${name}${chatWords(event)}] ${said}`;
}

/** What somebody does, if `text` tells that: what follows `/me `. */
function actionOf(text: string): string | undefined {
  return text.startsWith("/me ") ? text.slice("/me ".length) : undefined;
}

/** What is to be known of a private chat at each of its lines. */
function chatWords({ encrypted, verified }: PrivateEvent): string {
  if (!encrypted) return ", not encrypted";
  return verified ? ", verified" : "";
}

/** Whom `peer` could be mistaken for, if anybody. */
export function lookalike({ username, looksLike }: Peer): string[] {
  if (looksLike === undefined) return [];
  return [safe`! ${username} looks like ${looksLike}, and is somebody else`];
}

function whoamiLines({ username, fingerprint, kept, registry, dropped }: WhoamiEvent): string[] {
  const counts = Object.entries(dropped).map(([reason, count]) => `${count} ${reason}`);
  return [
    safe`-!- you are ${username}, key ${fingerprint}${kept ? "" : " (for this run only)"}`,
    `-!- registry key ${registry || "unknown"}`,
    ...(counts.length === 0 ? [] : [`-!- dropped so far: ${counts.join(", ")}`]),
  ];
}

function trustLines({ peer, trust, safetyNumber }: TrustEvent): string[] {
  if (safetyNumber === undefined) return [safe`-!- ${peer}: no key is known now`];
  const groups = safetyNumber.split(" ");
  const lines = [`-!-   ${groups.slice(0, 6).join(" ")}`, `-!-   ${groups.slice(6).join(" ")}`];
  if (trust === "verified") {
    return [safe`-!- ${peer} is verified: private chats with ${peer} say so`, ...lines];
  }
  // A changed key has to be trusted before it can be verified.
  const first = trust === "changed" ? safe`/trust ${peer}, then ` : "";
  const compare = safe`-!- compare both lines with what ${peer} sees, by phone or face to face`;
  const same = safe`/verified ${peer}`;
  return [
    safe`-!- ${peer}: ${KEY_WORDS[trust]}`,
    ...lines,
    `${compare}; the same: ${first}${same}`,
  ];
}

function sessionLine(event: SessionEvent): string {
  const { peer, state, path, encrypted, verified, reason, unconfirmed = 0 } = event;
  if (state === "closed") {
    const lost = unconfirmed > 0 ? ` (${unconfirmed} of your messages were not confirmed)` : "";
    return safe`-!- private chat with ${peer} ended: ${reason ?? "closed"}${lost}`;
  }
  return safe`-!- private chat with ${peer} open (${path}, ${encrypted ? "" : "not "}encrypted${
    verified ? ", verified" : ""
  })`;
}

/** Bytes go to a program of their own, not onto this screen. */
function pipeLine({ from }: { readonly from: string }): string {
  return safe`-!- ${from} wants to send you bytes: run confab-client pipe --from ${
    baseName(from)
  } > FILE in another terminal, or /reject ${from}`;
}
