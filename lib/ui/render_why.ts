import type { Attempt } from "../peer/attempts.ts";
import type { WhyEvent } from "../peer/events.ts";
import { formatIp } from "../protocol/address.ts";
import { safe } from "./safe.ts";

/** What was tried to reach a peer, a line each, and below what fits it what to do; safe for a terminal. */
export function renderWhy({ peer, attempts }: WhyEvent): string[] {
  if (attempts.length === 0) return [safe`-!- ${peer}: nothing was tried yet; /start ${peer}`];
  return [
    safe`-!- ${peer}: what was tried, the last thing last`,
    ...attempts.flatMap((attempt) => [
      `-!-  ${since(attempt.ago)}  ${wayOf(attempt)}${wordsOf(attempt)}`,
      ...(attempt.advice === undefined ? [] : [safe`-!-               -> ${attempt.advice}`]),
    ]),
  ];
}

/** Right-aligned, so that the times of a list stand below each other. */
function since(ago: number): string {
  const text = ago < 120
    ? `${ago.toFixed(ago < 10 ? 1 : 0)} s`
    : ago < 7_200
    ? `${Math.round(ago / 60)} min`
    : `${Math.round(ago / 3_600)} h`;
  return `${text} ago`.padStart(10);
}

/** The path, where it is not the usual one. */
function wayOf({ path }: Attempt): string {
  return path === "direct" ? "" : `${path}: `;
}

function wordsOf(attempt: Attempt): string {
  const { step, outcome, count, ms, reason } = attempt;
  const took = ms === undefined ? "" : ` after ${Math.round(ms)} ms`;
  const times = count === 1 ? "" : `, ${count} times`;
  const why = reason === undefined ? "" : safe`: ${reason}`;
  const where = addressOf(attempt);
  switch (step) {
    case "listen":
      return outcome === "listening"
        ? `our TCP port ${attempt.address?.port} is open for them`
        : "no TCP port of ours could be opened for them";
    case "offer":
      return outcome === "sent"
        ? `asked by UDP at ${where}: ${count} ${count === 1 ? "datagram" : "datagrams"}`
        : `${OFFER_WORDS[outcome]}${took}`;
    case "invite":
      return `${INVITE_WORDS[outcome]} (${where})${times}`;
    case "dial":
      return `dialled ${where}: ${DIAL_WORDS[outcome]}${took}`;
    case "relay":
      return `${RELAY_WORDS[outcome]}${took}`;
    case "accept":
      return "they have connected to us";
    case "handshake":
      return outcome === "done" ? `who they are is proven${took}` : `the handshake failed${why}`;
    case "session":
      return outcome === "open" ? "the chat is open" : `the chat has ended${why}`;
  }
}

const OFFER_WORDS: Record<
  Exclude<(Attempt & { readonly step: "offer" })["outcome"], "sent">,
  string
> = {
  pending: "their program has it, and asks them",
  accepted: "they have accepted",
  rejected: "they have rejected it",
  expired: "they were asked in vain",
  "no-answer": "given up without an answer",
  left: "they have left the room",
  withdrawn: "we have taken it back",
  crossed: "they have asked us at the same time: ours is used",
};

const INVITE_WORDS: Record<(Attempt & { readonly step: "invite" })["outcome"], string> = {
  asked: "they have asked us",
  accepted: "we have accepted",
  rejected: "we have rejected it",
  expired: "nobody here has answered in time",
  left: "they have left the room",
};

const DIAL_WORDS: Record<(Attempt & { readonly step: "dial" })["outcome"], string> = {
  connected: "connected",
  refused: "refused",
  "timed-out": "no answer in time",
  unreachable: "no way there",
  failed: "it failed",
};

const RELAY_WORDS: Record<(Attempt & { readonly step: "relay" })["outcome"], string> = {
  asked: "the registry was asked for a link",
  connected: "it has made one",
  failed: "it has made none",
};

function addressOf({ address }: Attempt): string {
  return address ? safe`${formatIp(address.ip)}:${address.port}` : "?";
}
