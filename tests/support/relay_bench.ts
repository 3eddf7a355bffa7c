import { FrameDecoder } from "../../lib/protocol/frame.ts";
import type { BenchClient, BenchOptions } from "./registry_bench.ts";
import { CLIENT_NONCE, identityNumber, RegistryBench } from "./registry_bench.ts";

/** The link that a test uses where it needs one. */
export const LINK = "000102030405060708090a0b0c0d0e0f";

/** Link number `n`. */
export function linkNumber(n: number): string {
  return n.toString(16).padStart(32, "0");
}

/** Somebody on a {@linkcode RegistryBench}, and its session id. */
export interface Relaying {
  readonly client: BenchClient;
  readonly session: string;
}

/** A registry with people who told `relay`. */
export class RelayBench extends RegistryBench {
  #people = 0;

  constructor(options: BenchOptions = {}) {
    super({ maxPerIp: 0, ...options });
  }

  /** Somebody with a key of its own who told those capabilities, and has read what it was told. */
  enter(username: string, capabilities = "keys,relay"): Relaying {
    const identity = identityNumber(++this.#people);
    const client = this.greet("127.0.0.1", CLIENT_NONCE, capabilities);
    client.say(this.claim(client, username, identity));
    client.say(`REGISTER:${username}:127.0.0.1:5001`);
    const roster = client.heard().find((line) => line.startsWith("ROSTER:")) ?? "";
    return { client, session: roster.split(":")[5] ?? "" };
  }

  /** Two of them. */
  pair(capabilities = "keys,relay"): [Relaying, Relaying] {
    const two: [Relaying, Relaying] = [
      this.enter("ann", capabilities),
      this.enter("bob", capabilities),
    ];
    for (const { client } of two) client.heard();
    return two;
  }

  /** The same with a link between them, of which both have heard. */
  linked(capabilities?: string): [Relaying, Relaying] {
    const two = this.pair(capabilities);
    this.meet(...two);
    for (const { client } of two) client.heard();
    return two;
  }

  /** Both want that link. */
  meet(one: Relaying, other: Relaying, link = LINK): void {
    one.client.say(`MEET:${other.session}:${link}`);
    other.client.say(`MEET:${one.session}:${link}`);
  }
}

/** The payloads in what waits for a client that does not read. */
export function waitingFor(client: BenchClient): string[] {
  const decoder = new FrameDecoder();
  const told: string[] = [];
  for (const bytes of client.stalled ?? []) {
    decoder.push(bytes);
    for (let part = decoder.next(); part; part = decoder.next()) {
      told.push(new TextDecoder().decode(part));
    }
  }
  return told;
}
