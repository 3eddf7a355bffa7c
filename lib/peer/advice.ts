import type { AttemptNote } from "./attempts.ts";

const DOCTOR = "confab-client doctor tells what works from here";

/**
 * What our user can do about something that was tried; `undefined` where there is nothing to be done.
 *
 * @param name the peer's, as our user calls it
 */
export function adviceOf(
  { step, outcome, reason }: Omit<AttemptNote, "of">,
  name: string,
): string | undefined {
  switch (step) {
    case "listen":
      return outcome === "failed"
        ? `no port here, or ${name} is of another IP version than we are: ${DOCTOR}`
        : undefined;
    case "offer":
      return adviceOfOffer(outcome, name);
    case "invite":
      if (outcome === "asked") return `/accept ${name} or /reject ${name}`;
      return outcome === "expired" ? `nobody answered in time: /start ${name}` : undefined;
    case "dial":
      return adviceOfDial(outcome, name);
    case "relay":
      return outcome === "failed"
        ? `the registry did not bring us together: is ${name} still here, and does ${name}'s program know the relay?`
        : undefined;
    case "handshake":
      return outcome === "failed" ? adviceOfHandshake(reason, name) : undefined;
    case "session":
      return reason === "lost" || reason === "slow" ? `/start ${name} opens it again` : undefined;
    default:
      return undefined;
  }
}

function adviceOfOffer(outcome: AttemptNote["outcome"], name: string): string | undefined {
  switch (outcome) {
    case "no-answer":
      return `${name}'s UDP port did not answer, or no connection came after it did: is a firewall or a ` +
        `NAT in between? ${DOCTOR}, at ${name}'s, too`;
    case "expired":
      return `${name} was asked and did not answer in time: try again when ${name} is there`;
    case "rejected":
      return `${name} does not want to chat now`;
    case "left":
      return `wait until ${name} is in the room again`;
    default:
      return undefined;
  }
}

function adviceOfDial(outcome: AttemptNote["outcome"], name: string): string | undefined {
  switch (outcome) {
    case "refused":
      return `nothing listens there any more: ${name} gave up, or something else has that address; ` +
        `let ${name} ask again`;
    case "timed-out":
      return `${name}'s TCP port did not answer: a firewall or a NAT at ${name}'s; /start ${name} has ` +
        `${name} connect to you instead`;
    case "unreachable":
      return `there is no way to that address from here: is it one of ${name}'s own network?`;
    case "failed":
      return DOCTOR;
    default:
      return undefined;
  }
}

function adviceOfHandshake(reason: AttemptNote["reason"], name: string): string {
  switch (reason) {
    case "bad-tag":
    case "bad-name":
      return `who answered there is not ${name}: somebody else has that address, or poses as ${name}`;
    case "key-changed":
      return `${name}'s key is not the one known: /verify ${name}, then /trust ${name}`;
    case "blocked":
      return `one of you has blocked the other: /unblock ${name}`;
    case "no-answer":
      return `the connection was there, and nothing came: is it ${name}'s program? /start ${name} tries again`;
    default:
      return `/start ${name} tries again`;
  }
}
