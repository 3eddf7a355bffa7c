/**
 * From what was found out to what will work: no I/O.
 *
 * @module
 */
import type { Mapping } from "../peer/observation_round.ts";
import { type Endpoint, formatIp, isLoopback, sameHost } from "../protocol/address.ts";

/** How one check ended: all is well; something will not work; the client cannot join at all. */
export type CheckStatus = "ok" | "warn" | "fail";

/** Every check, in the order in which they are told. */
export const CHECKS = [
  ...["name", "tcp", "confab", "key", "udp-port", "udp", "address", "nat", "udp-in", "tcp-in"],
  ...["store", "terminal"],
] as const;

/** One of {@linkcode CHECKS}. */
export type CheckName = typeof CHECKS[number];

/** What one check has shown. */
export interface Check {
  readonly event: "check";
  readonly check: CheckName;
  readonly status: CheckStatus;
  /** For people. */
  readonly text: string;
  /** For programs: round trips in milliseconds, addresses. */
  readonly ms?: number;
  readonly address?: string;
}

/** What all checks have shown. */
export interface Findings {
  /** Whether the registry can be joined: it answers, is one, and has the key we know or none yet. */
  registry: boolean;
  /** Where we would register. */
  own: Endpoint | undefined;
  /** Our own end of the connection to the registry. */
  localIp: string | undefined;
  /** Where our UDP port is seen by the registry; `undefined`: it was not. */
  seen: Endpoint | undefined;
  mapping: Mapping;
  /** Whether our UDP port takes what is sent to it on this machine. */
  hears: boolean;
  /** Whether we can be dialled on this machine. */
  listens: boolean;
  /** Whether private chats may go through the registry. */
  relays: boolean;
  /** What keys and the like are kept in: `none` was asked for. */
  store: "kept" | "none" | "failing";
}

/** What is between us and the registry. */
export type Nat = "none" | "independent" | "dependent" | "some" | "unknown";

/** A feature, and whether it will work. */
export interface Feature {
  readonly event: "feature";
  readonly feature: "room" | "private" | "private-nat" | "pipes" | "keys";
  readonly works: "yes" | "if" | "no";
  /** For people: under what condition, or why not and what to do. */
  readonly text: string;
}

/** Nothing is known. */
export function noFindings(): Findings {
  return {
    registry: false,
    own: undefined,
    localIp: undefined,
    seen: undefined,
    mapping: "unknown",
    hears: false,
    listens: false,
    relays: false,
    store: "none",
  };
}

/** What is between us and the registry: its own words against where we are. `some`: of a kind that is not known. */
export function natOf({ seen, localIp, own, mapping }: Findings): Nat {
  if (!seen || localIp === undefined) return "unknown";
  if (sameHost(seen.ip, localIp) && seen.port === own?.port) return "none";
  return mapping === "unknown" ? "some" : mapping;
}

/** Where we are seen against where we would register, as a check. */
export function addressCheck(findings: Findings): Check {
  const { seen, own } = findings;
  const check = { event: "check", check: "address" } as const;
  if (!seen || !own) {
    return { ...check, status: "warn", text: "where others see us is not known: no answer by UDP" };
  }
  const [there, here] = [endpoint(seen), endpoint(own)];
  const address = there;
  if (sameHost(seen.ip, own.ip) && seen.port === own.port) {
    const only = isLoopback(seen.ip) ? ": only programs on this machine reach it" : "";
    return { ...check, status: "ok", address, text: `${there}, as it would be registered${only}` };
  }
  if (isLoopback(seen.ip)) {
    const text =
      `the registry is on this machine and cannot tell how others see us; registered would be ${here}`;
    return { ...check, status: "ok", address, text };
  }
  if (!sameHost(seen.ip, own.ip) && isOwn(findings)) {
    const text = `seen as ${there}, registered would be ${here}, where we are not: leave out --ip`;
    return { ...check, status: "warn", address, text };
  }
  const text = sameHost(seen.ip, own.ip)
    ? `seen as ${there}, registered would be ${here}: the port is changed on the way; others need ` +
      `UDP port ${own.port} forwarded to this machine`
    : `seen as ${there}, registered would be ${here}: others outside your network cannot use that; ` +
      `start with --ip ${seen.ip}, and forward a UDP port to this machine (--udp-port)`;
  return { ...check, status: "warn", address, text };
}

/** Whether the address that is seen is this machine's. */
function isOwn({ seen, localIp }: Findings): boolean {
  return seen !== undefined && localIp !== undefined && sameHost(seen.ip, localIp);
}

/** Of which kind the NAT is, as a check. */
export function natCheck(findings: Findings): Check {
  const nat = natOf(findings);
  const status = nat === "none" || nat === "independent" ? "ok" : "warn";
  return { event: "check", check: "nat", status, text: NAT_WORDS[nat] };
}

const NAT_WORDS: Record<Nat, string> = {
  none: "none between us and the registry",
  independent: "a NAT, endpoint-independent: one port for all whom we speak to",
  dependent: "a NAT, endpoint-dependent: another port for each whom we speak to",
  some: "a NAT; of which kind is not known, as only one port of the registry's has answered",
  unknown: "not known: no answer by UDP",
};

/** What will work, each with its condition. */
export function featuresOf(findings: Findings): Feature[] {
  const { registry, store } = findings;
  const feature = (
    name: Feature["feature"],
    [works, text]: readonly [Feature["works"], string],
  ): Feature => ({ event: "feature", feature: name, works, text });
  if (!registry) {
    const why = ["no", "the registry cannot be joined: see above"] as const;
    return [
      feature("room", why),
      feature("private", ["no", "they begin at the registry"]),
      feature("private-nat", ["no", "they begin at the registry"]),
      feature("pipes", ["no", "they begin at the registry"]),
      feature("keys", KEPT[store]),
    ];
  }
  const direct = privateChats(findings);
  const relayed = (way: readonly [Feature["works"], string]): typeof way =>
    findings.relays && way[0] !== "yes" ? THROUGH_THE_REGISTRY : way;
  return [
    feature("room", ["yes", "works"]),
    feature("private", relayed(direct)),
    feature("private-nat", relayed(behindNat(findings))),
    feature("pipes", [direct[0], direct[1]]),
    feature("keys", KEPT[store]),
  ];
}

const THROUGH_THE_REGISTRY = [
  "yes",
  "work, directly where there is a way, else through the registry, which cannot read them",
] as const;

const KEPT: Record<Findings["store"], readonly [Feature["works"], string]> = {
  kept: ["yes", "work: kept from one run to the next"],
  none: ["no", "not kept, as you asked: --ephemeral"],
  failing: ["no", "not kept: see above; everybody will see another key the next time"],
};

function privateChats(findings: Findings): readonly [Feature["works"], string] {
  const { own, seen, hears, listens } = findings;
  if (!own || !hears) {
    return ["no", "our own UDP port hears nothing: let it through the firewall of this machine"];
  }
  if (!listens) {
    return ["if", "work if the other side asks (/start): nobody can connect to this machine"];
  }
  if (!seen) {
    return ["if", "work with those in your own network; UDP to the outside is not known to work"];
  }
  const nat = natOf(findings);
  if (nat === "none" && (isLoopback(seen.ip) || sameHost(seen.ip, own.ip))) {
    return ["yes", "work"];
  }
  if (nat === "none") return ["no", "do not with that --ip: leave it out"];
  if (sameHost(seen.ip, own.ip)) return ["if", forwarded(own.port)];
  return [
    "if",
    `work with those in your own network; with others, start with --ip ${seen.ip}, then: ${
      forwarded(own.port)
    }`,
  ];
}

function forwarded(port: number): string {
  return `work if the other side asks (/start) and your router forwards UDP port ${port} to this machine`;
}

function behindNat(findings: Findings): readonly [Feature["works"], string] {
  const { hears, listens } = findings;
  if (!hears || !listens) return ["no", "as private chats"];
  if (natOf(findings) === "none") {
    return ["if", "work if you ask (/start) and their router forwards their UDP port to them"];
  }
  return ["no", "do not: neither side can be dialled; one of them has to forward ports"];
}

function endpoint({ ip, port }: Endpoint): string {
  return `${formatIp(ip)}:${port}`;
}
