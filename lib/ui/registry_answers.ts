import { randomHex } from "../crypto/random.ts";
import type { Link } from "../net/link.ts";
import { RegistryProbe } from "../peer/registry_probe.ts";
import { NONCE_DIGITS, type RegistryCaps } from "../protocol/keyed.ts";
import type { Observed } from "../protocol/observe.ts";
import { within } from "./within.ts";

/** From a question to its answer, in milliseconds: a registry across the world answers in one second. */
const ANSWER_MS = 3_000;

/** What a registry answers, each with a bound; a text instead says for people why it did not. */
export class RegistryAnswers {
  readonly caps: Promise<RegistryCaps | string>;
  readonly observed: Promise<Observed | string>;

  constructor(link: Link) {
    const caps = Promise.withResolvers<RegistryCaps | string>();
    const observed = Promise.withResolvers<Observed | string>();
    const probe = new RegistryProbe(randomHex(NONCE_DIGITS), {
      send: (bytes) => link.send(bytes),
      greeted: caps.resolve,
      observed: observed.resolve,
      failed: (why) => {
        caps.resolve(why);
        observed.resolve(why);
      },
    });
    link.start({ received: (chunk) => probe.receive(chunk), ended: () => probe.ended() });
    const late = `no answer within ${
      ANSWER_MS / 1_000
    } s: what listens there is no confab registry`;
    this.caps = within(ANSWER_MS, caps.promise).then((value) => value ?? late);
    this.observed = within(2 * ANSWER_MS, observed.promise).then((value) => value ?? late);
  }
}
