import { encodeFrame } from "../../lib/protocol/frame.ts";
import { chunked } from "../protocol/codecs.ts";
import { bytesOf, VECTORS } from "../protocol/vectors.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { BenchCapable } from "../support/bench_capable.ts";
import type { Dice } from "../support/dice.ts";
import { type BenchClient, identityNumber, RegistryBench } from "../support/registry_bench.ts";
import type { Target } from "./hostile_input.ts";

/** How many hostile sessions there are at once. */
const CROWD = 6;
const RUN = "7a7b7c7d7e7f8081";

/** One hostile user: it has a key, registers, comes back, and says anything. */
interface Hostile {
  readonly name: string;
  readonly number: number;
  link: BenchClient | undefined;
  /** `<token>:<epoch>` of its last WELCOME. */
  token: string;
}

/** Sessions that are told numbers, fed with anything that is allowed only there: SAY, RESUME, PING, PONG. */
export function deliveryTarget(): Target {
  const bench = new RegistryBench({ maxPerIp: 0, grace: 2 });
  const wells = ["well-1", "well-2"].map((name, i) =>
    new BenchCapable(bench, name, identityNumber(900 + i))
  );
  const crowd = Array.from({ length: CROWD }, (_, number): Hostile => {
    return { name: `h${number}`, number, link: undefined, token: "" };
  });
  const messages = [
    ...[`SAY:${RUN}.1:2:hi`, `SAY:${RUN}.9007199254740991:0:`, "PING:1f", "PONG:1f", "QUIT"],
    `RESUME:${"0".repeat(32)}:${RUN}:0:0:127.0.0.1:5001`,
  ];
  const samples = VECTORS.filter(({ kind }) => kind === "client").map(({ hex }) => bytesOf(hex))
    .concat(messages.map((message) => encodeFrame(message)));

  return {
    samples,
    framed: true,
    feed(bytes, random) {
      const hostile = random.pick(crowd);
      const link = hostile.link ??= enter(bench, hostile, random);
      const cuts = Array.from({ length: random.below(4) }, () => random.below(40));
      for (const chunk of chunked(bytes, cuts)) link.raw(chunk);
      if (random.below(4) === 0) bench.pass(random.below(1_000));
      else bench.flush();
      listen(hostile);
      if (link.closed || random.below(4) === 0) {
        if (random.below(4) > 0) link.hangUp();
        hostile.link = undefined;
      }
    },
    check() {
      const { joins, resumes, broadcasts } = bench.counters;
      assert(
        joins > 0 && resumes > 0 && broadcasts > 0,
        "hostile ones get in, come back and speak",
      );
      const [one, other] = wells;
      for (const well of wells) {
        well.connect();
        well.read();
      }
      one?.say("hello");
      other?.read();
      assertEquals(other?.heard.at(-1)?.kind, "said");
      one?.read();
      assertEquals(one?.unanswered, []);
      for (const well of wells) well.lose()?.say("QUIT");
      for (const well of wells) well.token = undefined;
      bench.events.length = 0;
    },
    settle() {
      for (const hostile of crowd) {
        hostile.link?.hangUp();
        hostile.link = undefined;
      }
      // Those whose end the registry was not told of are dead, then over.
      bench.pass(120_000);
      return {
        registered: bench.registry.size,
        timer: bench.registry.nextTimeout() !== undefined,
      };
    },
  };
}

/** A new connection: it comes back, wrongly perhaps, or registers. */
function enter(bench: RegistryBench, hostile: Hostile, random: Dice): BenchClient {
  const identity = identityNumber(random.below(8) === 0 ? 1 : hostile.number);
  const link = bench.greetCapable(hostile.name, identity);
  const numbers = random.pick(["0:0", "1:1", "9007199254740991:0", "0:9007199254740991"]);
  if (random.below(2) === 0) link.say(`RESUME:${hostile.token}:${numbers}:127.0.0.1:5001`);
  if (random.below(4) > 0) link.say(`REGISTER:${hostile.name}:127.0.0.1:5001`);
  if (random.below(8) === 0) link.stalled = [];
  return link;
}

/** Remembers its token, and answers what it is asked now and then by what it is fed. */
function listen(hostile: Hostile): void {
  for (const line of hostile.link?.heard() ?? []) {
    const [verb, epoch, , , token] = line.split(":");
    if (verb === "WELCOME") hostile.token = `${token}:${epoch}`;
  }
}
