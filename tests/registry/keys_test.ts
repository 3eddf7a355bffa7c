/** `docs/PROTOCOL.md` sections 7.2 and 7.3, from outside: CAPS, IDENTITY, and what either is refused for. */
import { isSignedBy } from "../../lib/crypto/identity.ts";
import { encodeFrame } from "../../lib/protocol/frame.ts";
import { assert, assertEquals, assertMatch, assertNotEquals } from "../support/assert.ts";
import {
  type BenchClient,
  CLIENT_NONCE,
  identityNumber,
  RegistryBench,
} from "../support/registry_bench.ts";

const ANN = identityNumber(1);
const BOB = identityNumber(2);
const REGISTER = "REGISTER:ann:127.0.0.1:5001";
const CAPS = `CAPS:1:${CLIENT_NONCE}:keys`;

for (const kept of [true, false]) {
  Deno.test(`CAPS is answered with the key and its signature; ${kept ? "kept" : "ephemeral"}`, () => {
    const identity = identityNumber(9, kept);
    const bench = new RegistryBench({ identity });
    const nonces = [1, 2].map(() => {
      const client = bench.connect("framed");
      client.say(CAPS);
      const [caps = "", ...others] = client.heard();
      assertEquals(others, []);
      const [verb, version, nonce = "", key = "", signature = "", capabilities = ""] = caps.split(
        ":",
      );
      assertEquals([verb, version, key], ["CAPS", "1", identity.publicKey]);
      const told = "keys,resume,replay,observe,relay";
      assertEquals(capabilities, kept ? told : `${told},ephemeral`);
      const signed = [CLIENT_NONCE, nonce, capabilities];
      assert(isSignedBy(key, signature, "confab-registry-v1", signed));
      return nonce;
    });
    assertNotEquals(nonces[0], nonces[1], "a nonce for each connection");
  });
}

Deno.test("CAPS is the first message or none: bad-message later, also after one that was refused", () => {
  const bench = new RegistryBench();
  for (const first of [CAPS, "NONSENSE", REGISTER]) {
    const client = bench.connect("framed");
    client.say(first);
    client.heard();
    client.say(CAPS);
    assertEquals(client.heardKinds(), ["ERROR:bad-message"], first);
    assertEquals(client.closed, false);
  }
});

Deno.test("CAPS with an unknown version or a wrong nonce: bad-message, and no second try", () => {
  const bench = new RegistryBench();
  for (const caps of [`CAPS:2:${CLIENT_NONCE}:keys`, "CAPS:1:xyz:keys", "CAPS:1"]) {
    const client = bench.connect("framed");
    client.say(caps);
    client.say(CAPS);
    assertEquals(client.heardKinds(), ["ERROR:bad-message", "ERROR:bad-message"]);
  }
});

Deno.test("who does not tell keys is served plainly, and its IDENTITY is bad-proof", () => {
  const bench = new RegistryBench();
  for (const [name, capabilities] of [["a", ""], ["b", "relay,keys2"]] as const) {
    const client = bench.connect("framed");
    client.say(`CAPS:1:${CLIENT_NONCE}:${capabilities}`);
    assertMatch(client.heard()[0] ?? "", /^CAPS:/);
    const claiming = bench.connect("framed");
    claiming.say(`CAPS:1:${CLIENT_NONCE}:${capabilities}`);
    assertMatch(claiming.heard()[0] ?? "", /^CAPS:/);
    claiming.say(bench.claim(claiming, name, ANN));
    claiming.say(`REGISTER:${name}:127.0.0.1:5001`);
    assertEquals(claiming.heardKinds(), ["ERROR:bad-proof", "ERROR:bad-proof"]);
    client.say(`REGISTER:${name}:127.0.0.1:5001`);
    assertEquals(client.heardKinds(), ["LIST"]);
  }
});

Deno.test("a key proven and told: the roster shows it; without IDENTITY there is none", () => {
  const bench = new RegistryBench();
  const ann = bench.ask("ann", ANN);
  assertMatch(
    ann.heard().join(),
    new RegExp(`^ROSTER:0:ann:127.0.0.1:5001:[0-9a-f]{16}:${ANN.publicKey}$`),
  );
  const bob = bench.ask("bob", identityNumber(2, false));
  assertMatch(bob.heard().join(), new RegExp(`^ROSTER:0:bob:[^~]*:~${BOB.publicKey}:ann:`));
  const cam = bench.greet();
  cam.say("REGISTER:cam:127.0.0.1:5001");
  assertMatch(cam.heard().join(), /^ROSTER:0:cam:127\.0\.0\.1:5001:[0-9a-f]{16}:-:/);
});

Deno.test("IDENTITY: every single changed bit of signature, key or name is bad-proof", () => {
  const bench = new RegistryBench({ messageRate: 0, maxPerIp: 0 });
  const ann = bench.greet();
  const [, , key = "", hold, signature = ""] = bench.claim(ann, "ann", ANN).split(":");
  const flipped = (hex: string): string[] =>
    Array.from({ length: hex.length * 4 }, (_, bit) => {
      const bytes = Uint8Array.fromHex(hex);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return bytes.toHex();
    });
  const names = ["anm", "ano", "anj", "anf", "anN", "Ann", "aNn", "bnn", "ann2", "an"];
  const claims = [
    ...flipped(signature).map((wrong) => `IDENTITY:ann:${key}:${hold}:${wrong}`),
    ...flipped(key).map((wrong) => `IDENTITY:ann:${wrong}:${hold}:${signature}`),
    ...names.map((wrong) => `IDENTITY:${wrong}:${key}:${hold}:${signature}`),
    `IDENTITY:ann:${key}:session:${signature}`,
  ];
  let told = 0;
  for (let from = 0; from < claims.length; from += 4) {
    const client = bench.greet();
    // The nonces of one connection differ from another's: signed anew, so that the change alone is wrong.
    const right = bench.claim(client, "ann", ANN).split(":").at(-1) ?? "";
    for (const claim of claims.slice(from, from + 4)) {
      const at = claims.indexOf(claim);
      client.say(
        at < 512
          ? claim.replace(/[^:]*$/, flipped(right)[at] ?? "")
          : claim.replace(signature, right),
      );
      assertEquals(client.heardKinds(), ["ERROR:bad-proof"], claim);
      client.say(REGISTER);
      assertEquals(client.heardKinds(), ["ERROR:bad-proof"], "nor is it in without a key");
      told++;
    }
    client.say(bench.claim(client, "ann", ANN));
    client.say(REGISTER);
    assertMatch(client.heard().join(), new RegExp(`^ROSTER:0:ann:.*:${ANN.publicKey}$`));
    client.hangUp();
  }
  assertEquals(told, 512 + 256 + names.length + 1);
});

Deno.test("IDENTITY replayed on another connection, or made for another registry: bad-proof", () => {
  const bench = new RegistryBench();
  const first = bench.greet();
  const claim = bench.claim(first, "ann", ANN);
  first.say(claim);
  assertEquals(first.heard(), [], "a good one is not answered");
  const second = bench.greet();
  second.say(claim);
  assertEquals(second.heardKinds(), ["ERROR:bad-proof"]);

  // Another registry, which has handed out the very same nonce: its own key is signed as well.
  const other = new RegistryBench({ identity: identityNumber(77) });
  const there = other.greet();
  assertEquals(there.registryNonce, first.registryNonce);
  there.say(claim);
  assertEquals(there.heardKinds(), ["ERROR:bad-proof"]);
  there.say(other.claim(there, "ann", ANN));
  assertEquals(there.heard(), []);

  // And the other nonce counts: that of the client.
  const third = bench.greet("127.0.0.1", "f".repeat(32));
  third.say(bench.claim(third, "ann", ANN));
  assertEquals(third.heardKinds(), ["ERROR:bad-proof"]);
});

Deno.test("IDENTITY before CAPS: bad-proof; a classic client's is an unknown verb", () => {
  const bench = new RegistryBench();
  const plain = bench.connect("framed");
  plain.say(bench.claim(plain, "ann", ANN));
  assertEquals(plain.heardKinds(), ["ERROR:bad-proof"]);
  plain.say(REGISTER);
  assertEquals(plain.heardKinds(), ["ERROR:bad-proof"], "nobody is in without the key it wanted");
  plain.say(CAPS);
  plain.say(REGISTER);
  assertEquals(plain.heardKinds(), ["ERROR:bad-message", "ERROR:bad-proof"], "CAPS comes too late");
  const classic = bench.connect("classic");
  classic.say("RIDENTITY");
  classic.say(bench.claim(classic, "old", ANN));
  assertEquals(
    classic.heard().map((line) => line.split(":").slice(3).join(":")),
    Array(2).fill("bad-message: unknown verb"),
  );
});

Deno.test("REGISTER under another name than IDENTITY: bad-proof; in another case it is the same", () => {
  const bench = new RegistryBench();
  const ann = bench.greet();
  ann.say(bench.claim(ann, "ann", ANN));
  ann.say("REGISTER:bob:127.0.0.1:5001");
  assertEquals(ann.heardKinds(), ["ERROR:bad-proof"]);
  ann.say("REGISTER:ANN:127.0.0.1:5001");
  assertMatch(ann.heard().join(), new RegExp(`^ROSTER:0:ANN:.*:${ANN.publicKey}$`));
});

Deno.test("a later IDENTITY replaces the earlier one, also a refused one: bad-proof until a good one", () => {
  const bench = new RegistryBench();
  const client = bench.greet();
  client.say(bench.claim(client, "ann", ANN));
  client.say(bench.claim(client, "bob", BOB));
  client.say(REGISTER);
  assertEquals(client.heardKinds(), ["ERROR:bad-proof"], "of another name");
  client.say(bench.claim(client, "bob", BOB).replace(/.{8}$/, "00000000"));
  client.say("REGISTER:bob:127.0.0.1:5001");
  client.say(REGISTER);
  assertEquals(client.heardKinds(), Array(3).fill("ERROR:bad-proof"));
  client.say(bench.claim(client, "bob", BOB));
  client.say("REGISTER:bob:127.0.0.1:5001");
  assertMatch(client.heard().join(), new RegExp(`^ROSTER:0:bob:.*:${BOB.publicKey}$`));
});

Deno.test("a wrong IDENTITY and REGISTER in one write: nobody is in, and the name is free", () => {
  const bench = new RegistryBench();
  const client = bench.greet();
  const wrong = bench.claim(client, "ann", ANN).replace(/.{8}$/, "00000000");
  client.raw(new Uint8Array([...encodeFrame(wrong), ...encodeFrame(REGISTER)]));
  assertEquals(client.heardKinds(), ["ERROR:bad-proof", "ERROR:bad-proof"]);
  assertEquals([bench.registry.size, client.closed], [0, false]);
  assertEquals(bench.ask("ann", BOB).heardKinds(), ["ROSTER"]);
});

Deno.test("IDENTITY once registered: already-registered", () => {
  const bench = new RegistryBench();
  const ann = bench.joinKeyed("ann", ANN);
  ann.say(bench.claim(ann, "ann", ANN));
  const plain = bench.join("bob");
  plain.say(bench.claim(plain, "bob", BOB));
  assertEquals(ann.heardKinds(), ["ERROR:already-registered", "UPDATE:JOIN"]);
  assertEquals(plain.heardKinds(), ["ERROR:already-registered"]);
});

Deno.test("ten wrong proofs close the connection", () => {
  const bench = new RegistryBench();
  const client = bench.greet();
  const wrong = bench.claim(client, "ann", ANN).replace(/.$/, (digit) => digit === "0" ? "1" : "0");
  for (let i = 0; i < 9; i++) client.say(wrong);
  assertEquals(client.closed, false);
  client.say(wrong);
  assertEquals(client.closed, true);
});

Deno.test("CAPS is a first message: no idle after 5 s, but after 60 s without REGISTER", () => {
  const bench = new RegistryBench();
  const client = bench.greet();
  bench.pass(59_999);
  assertEquals(client.closed, false);
  bench.pass(1);
  assertEquals([client.closed, ...client.heardKinds()], [true, "ERROR:idle"]);
});

Deno.test("a PONG that nobody asked for: bad-message, in or not", () => {
  const bench = new RegistryBench();
  const clients: BenchClient[] = [bench.greet(), bench.joinKeyed("ann", ANN), bench.join("bob")];
  for (const client of clients) {
    client.heard();
    client.say("PONG:1f");
    assertEquals(client.heardKinds(), ["ERROR:bad-message"]);
  }
});

Deno.test("each registration has a session id of its own", () => {
  const bench = new RegistryBench();
  const ids = [1, 2, 3].map(() => {
    const ann = bench.ask("ann", ANN);
    const id = ann.heard().join().split(":")[5];
    ann.hangUp();
    return id;
  });
  assertEquals(new Set(ids).size, 3);
});
