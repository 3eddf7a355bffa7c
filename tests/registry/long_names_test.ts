/** Names that would take long to compare are refused before that: what was normalised is counted, not timed. */
import { assert, assertEquals } from "../support/assert.ts";
import { type BenchClient, identityNumber, RegistryBench } from "../support/registry_bench.ts";

const ANN = identityNumber(1);
/** 64,001 bytes: normalising it sorts 32,000 marks. */
const LONG = "a" + "\u0301\u0316".repeat(16_000);
const TIMES = 30;

/** The lengths of all that is normalised meanwhile. */
function normalizedBy(act: () => void): number[] {
  const { normalize } = String.prototype;
  const lengths: number[] = [];
  String.prototype.normalize = function (form?: string): string {
    lengths.push(this.length);
    return normalize.call(this, form);
  };
  try {
    act();
  } finally {
    String.prototype.normalize = normalize;
  }
  return lengths;
}

const CASES: readonly {
  readonly name: string;
  readonly from: (bench: RegistryBench) => BenchClient;
  readonly say: (bench: RegistryBench, client: BenchClient) => string;
  readonly told: string;
}[] = [
  {
    name: "REGISTER, framed",
    from: (bench) => bench.connect("framed"),
    say: () => `REGISTER:${LONG}:127.0.0.1:5001`,
    told: "ERROR:bad-name:this user name has over 32 characters",
  },
  {
    name: "REGISTER, classic, as long as a line may be",
    from: (bench) => bench.connect("classic"),
    say: () => `REGISTER:${LONG.slice(0, 4_000)}:127.0.0.1:5001`,
    told: "BROADCAST:server:47:bad-name: this user name has over 32 characters",
  },
  {
    name: "REGISTER, with a key for another name",
    from: (bench) => {
      const client = bench.greet();
      client.say(bench.claim(client, "ann", ANN));
      return client;
    },
    say: () => `REGISTER:${LONG}:127.0.0.1:5001`,
    told: "ERROR:bad-proof:your key was told for another name",
  },
  {
    name: "BROADCAST",
    from: (bench) => bench.join("ann"),
    say: () => `BROADCAST:${LONG}:2:hi`,
    told: "ERROR:bad-sender:that is not your name",
  },
  {
    name: "IDENTITY with a wrong signature",
    from: (bench) => bench.greet(),
    say: (bench, client) => bench.claim(client, "ann", ANN).replace(":ann:", `:${LONG}:`),
    told: "ERROR:bad-proof:the signature is wrong",
  },
];

for (const { name, from, say, told } of CASES) {
  Deno.test(`${TIMES} names of 32,001 characters are refused unread: ${name}`, () => {
    const bench = new RegistryBench({ messageRate: 0, maxPerIp: 0 });
    const lengths = normalizedBy(() => {
      // Ten errors would end a connection.
      for (let i = 0; i < TIMES; i++) {
        const client = from(bench);
        client.say(say(bench, client));
        assertEquals(client.heard().at(-1), told);
        client.hangUp();
      }
    });
    assert(lengths.every((length) => length <= 256), `${Math.max(...lengths)} were normalised`);
  });
}

Deno.test(`${TIMES} proven keys of a name of 32,001 characters: it is refused unread by REGISTER`, () => {
  const bench = new RegistryBench({ messageRate: 0, maxPerIp: 0 });
  const lengths = normalizedBy(() => {
    for (let i = 0; i < TIMES; i++) {
      const client = bench.greet();
      client.say(bench.claim(client, LONG, ANN));
      client.say(`REGISTER:${LONG}:127.0.0.1:5001`);
      assertEquals(client.heardKinds(), ["ERROR:bad-name"]);
      client.say("REGISTER:ann:127.0.0.1:5001");
      assertEquals(client.heardKinds(), ["ERROR:bad-proof"]);
      client.hangUp();
    }
  });
  assert(lengths.every((length) => length <= 256), `${Math.max(...lengths)} were normalised`);
});
