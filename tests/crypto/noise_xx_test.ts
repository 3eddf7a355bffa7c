import { CryptoError } from "../../lib/crypto/error.ts";
import { NoiseXX } from "../../lib/crypto/noise_xx.ts";
import { keyPair } from "../../lib/crypto/x25519.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";
import { NobleXX } from "./noble_noise.ts";
import { someOf } from "../support/thorough.ts";

const SEED = seedOfRun();
const EMPTY = new Uint8Array(0);

/** What one handshake is made of. */
interface Deal {
  readonly prologue: Uint8Array;
  /** Seeds: the initiator's static and ephemeral key, the responder's. */
  readonly keys: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  readonly payloads: readonly [Uint8Array, Uint8Array, Uint8Array];
}

function deal(random: Dice): Deal {
  const key = () => random.bytes(32);
  const payload = () => random.bytes(random.below(200));
  return {
    prologue: random.bytes(random.below(40)),
    keys: [key(), key(), key(), key()],
    payloads: [payload(), payload(), payload()],
  };
}

function ours(
  { prologue, keys: [is, ie, rs, re] }: Deal,
): { initiator: NoiseXX; responder: NoiseXX } {
  return {
    initiator: new NoiseXX("initiator", prologue, keyPair(is), keyPair(ie)),
    responder: new NoiseXX("responder", prologue, keyPair(rs), keyPair(re)),
  };
}

/** A finished handshake of ours, and the three messages of it. */
function shake(of: Deal): ReturnType<typeof ours> & { messages: Uint8Array[] } {
  const { initiator, responder } = ours(of);
  const messages = of.payloads.map((payload, i) => {
    const [writer, reader] = i % 2 === 0 ? [initiator, responder] : [responder, initiator];
    const message = writer.write(payload);
    assertEquals(reader.read(message), payload);
    return message;
  });
  return { initiator, responder, messages };
}

Deno.test("noise: both ends agree: keys, hash, payloads, messages both ways", () => {
  const of = deal(new Dice(SEED));
  const { initiator, responder } = shake(of);
  assertEquals(initiator.theirStatic, keyPair(of.keys[2]).publicKey, `CONFAB_SEED=${SEED}`);
  assertEquals(responder.theirStatic, keyPair(of.keys[0]).publicKey);
  const [a, b] = [initiator.split(), responder.split()];
  assertEquals(a.hash, b.hash);
  for (let i = 0; i < 3_000; i++) {
    const text = new TextEncoder().encode(`message ${i}`);
    assertEquals(b.receive.open(a.send.seal(text, EMPTY), EMPTY), text);
    assertEquals(a.receive.open(b.send.seal(text, EMPTY), EMPTY), text);
    for (const cipher of [a.send, a.receive, b.send, b.receive]) cipher.rekeyIfDue();
  }
});

Deno.test("noise: agrees byte for byte with an implementation over @noble", () => {
  const random = new Dice(SEED);
  for (let run = 0; run < 10; run++) {
    const of = deal(random);
    const { prologue, keys: [is, ie, rs, re], payloads } = of;
    const { initiator, responder } = ours(of);
    const noble = {
      initiator: new NobleXX(true, prologue, is, ie),
      responder: new NobleXX(false, prologue, rs, re),
    };
    for (const [i, payload] of payloads.entries()) {
      const [writer, reader] = i % 2 === 0 ? [initiator, responder] : [responder, initiator];
      const [nobleWriter, nobleReader] = i % 2 === 0
        ? [noble.initiator, noble.responder]
        : [noble.responder, noble.initiator];
      const message = writer.write(payload);
      assertEquals(message, nobleWriter.write(i, payload), `CONFAB_SEED=${SEED}, run ${run}`);
      assertEquals(nobleReader.read(i, message), payload);
      assertEquals(reader.read(message), payload);
    }
    const [mine, theirs] = [initiator.split(), noble.responder.split()];
    assertEquals(mine.hash, theirs.hash);
    for (let i = 0; i < 5; i++) {
      const text = random.bytes(random.below(300));
      assertEquals(theirs.receive.decrypt(EMPTY, mine.send.seal(text, EMPTY)), text);
      assertEquals(mine.receive.open(theirs.send.encrypt(EMPTY, text), EMPTY), text);
    }
  }
});

Deno.test("noise: 3,500 messages each way, unevenly, agree with @noble's across rekeys", () => {
  const random = new Dice(SEED);
  const of = deal(random);
  const { prologue, keys: [, , rs, re], payloads } = of;
  const { initiator, responder } = ours(of);
  const noble = new NobleXX(false, prologue, rs, re);
  for (const [i, payload] of payloads.entries()) {
    const [writer, reader] = i % 2 === 0 ? [initiator, responder] : [responder, initiator];
    const message = writer.write(payload);
    reader.read(message);
    if (i === 1) noble.write(i, payload);
    else noble.read(i, message);
  }
  const [mine, theirs] = [initiator.split(), noble.split()];
  const seen = { out: 0, in: 0 };
  while (seen.out < 3_500 || seen.in < 3_500) {
    const text = random.bytes(random.below(50));
    const out = seen.in === 3_500 || (seen.out < 3_500 && random.below(3) > 0);
    const what = `CONFAB_SEED=${SEED}, ${seen.out} out, ${seen.in} in`;
    if (out) {
      const sealed = mine.send.seal(text, EMPTY);
      assertEquals(theirs.receive.decrypt(EMPTY, sealed).toHex(), text.toHex(), what);
      mine.send.rekeyIfDue();
      if (++seen.out % 1_000 === 0) theirs.receive.rekey();
    } else {
      const sealed = theirs.send.encrypt(EMPTY, text);
      assertEquals(mine.receive.open(sealed, EMPTY).toHex(), text.toHex(), what);
      mine.receive.rekeyIfDue();
      if (++seen.in % 1_000 === 0) theirs.send.rekey();
    }
  }
});

Deno.test("noise: single-bit changes of every handshake message are refused", () => {
  const of = deal(new Dice(SEED));
  const { messages } = shake(of);
  for (const [index, message] of messages.entries()) {
    for (const bit of someOf(message.length * 8, 7)) {
      const changed = message.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { initiator, responder } = ours(of);
      const what = `CONFAB_SEED=${SEED}: message ${index}, bit ${bit}`;
      // A change of the first message is noticed with the second, which depends on it.
      assertThrows(
        () => {
          for (const [i, payload] of of.payloads.entries()) {
            const [writer, reader] = i % 2 === 0 ? [initiator, responder] : [responder, initiator];
            const written = writer.write(payload);
            const read = reader.read(i === index ? changed : written);
            if (i === index && i > 0) throw new TypeError(`read as ${read.toHex()}`);
          }
        },
        CryptoError,
        "",
        what,
      );
    }
  }
});

Deno.test("noise: every single-bit change, cut, repeat and swap of a transport message is refused", () => {
  const of = deal(new Dice(SEED));
  const { initiator, responder } = shake(of);
  const [a, b] = [initiator.split(), responder.split()];
  const text = new TextEncoder().encode("attack at dawn");
  const [first, second] = [a.send.seal(text, EMPTY), a.send.seal(text, EMPTY)];
  const refused = (sealed: Uint8Array, why: string): void => {
    assertThrows(() => b.receive.open(sealed, EMPTY), CryptoError, "", why);
  };
  for (let bit = 0; bit < first.length * 8; bit++) {
    const changed = first.slice();
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    refused(changed, `bit ${bit}`);
  }
  for (let length = 0; length < first.length; length++) {
    refused(first.subarray(0, length), `cut to ${length}`);
  }
  refused(second, "the second before the first");
  assertEquals(b.receive.open(first, EMPTY), text, "nothing refused has moved the counter");
  refused(first, "the first again");
  refused(b.send.seal(text, EMPTY), "our own direction");
  assertEquals(b.receive.open(second, EMPTY), text);
});

Deno.test("noise: another prologue, cut messages and messages of others are refused", () => {
  const of = deal(new Dice(SEED));
  const { messages } = shake(of);
  const other = ours({ ...of, prologue: new TextEncoder().encode("another") });
  other.responder.read(other.initiator.write(EMPTY));
  assertThrows(() => other.initiator.read(messages[1] ?? EMPTY), CryptoError);
  for (let length = 0; length < 32; length++) {
    const { responder } = ours(of);
    assertThrows(() => responder.read(messages[0]?.subarray(0, length) ?? EMPTY), CryptoError);
  }
});

/** Points of low order and their aliases: the list of Langley, Hamburg, Turner (RFC 7748 security). */
const LOW_ORDER = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

for (const point of LOW_ORDER) {
  Deno.test(`noise: the low-order point ${point.slice(0, 8)}... is refused`, () => {
    const bytes = Uint8Array.fromHex(point);
    assertThrows(() => keyPair().dh(bytes), CryptoError);
    const { responder } = ours(deal(new Dice(SEED)));
    responder.read(bytes);
    assertThrows(() => responder.write(EMPTY), CryptoError);
  });
}

Deno.test("noise: out of turn is a mistake of the caller", () => {
  const { initiator, responder } = ours(deal(new Dice(SEED)));
  assertThrows(() => responder.write(EMPTY), TypeError);
  assertThrows(() => initiator.read(new Uint8Array(100)), TypeError);
  assertThrows(() => initiator.split(), TypeError);
  assertThrows(() => keyPair(new Uint8Array(31)), RangeError);
  assert(initiator.isOurTurn && !responder.isOurTurn);
});
