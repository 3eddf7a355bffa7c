/** A key is replaced after 1,000 messages, and the nonce counts on (Noise sections 4.2, 11.3). */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { CipherState, REKEY_MESSAGES, TAG_BYTES } from "../../lib/crypto/cipher_state.ts";
import { CryptoError } from "../../lib/crypto/error.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";
import { NobleCipher, rekeyed } from "./noble_noise.ts";

const SEED = seedOfRun();
const EMPTY: Uint8Array = new Uint8Array(0);

/** One direction of a link, as a sender and a receiver use it. */
function link(key: Uint8Array) {
  const [sender, receiver] = [new CipherState(key), new CipherState(key)];
  return {
    seal(text: Uint8Array, ad = EMPTY): Uint8Array {
      const sealed = sender.seal(text, ad);
      sender.rekeyIfDue();
      return sealed;
    },
    open(sealed: Uint8Array, ad = EMPTY): Uint8Array {
      const text = receiver.open(sealed, ad);
      receiver.rekeyIfDue();
      return text;
    },
  };
}

/** `text` under `key` with the nonce `n`, by RFC 8439 alone. */
function sealedWith(key: Uint8Array, n: number, text: Uint8Array): string {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(4, n, true);
  return chacha20poly1305(key, nonce, EMPTY).encrypt(text).toHex();
}

Deno.test("cipher state: 3,500 messages are those of @noble, with three rekeys", () => {
  const random = new Dice(SEED);
  const key = random.bytes(32);
  const [mine, theirs, back] = [link(key), new NobleCipher(key), new NobleCipher(key)];
  for (let i = 1; i <= 3_500; i++) {
    const [text, ad] = [random.bytes(random.below(60)), random.bytes(random.below(20))];
    const sealed = mine.seal(text, ad);
    const what = `CONFAB_SEED=${SEED}, message ${i}`;
    assertEquals(sealed.toHex(), theirs.encrypt(ad, text).toHex(), what);
    assertEquals(back.decrypt(ad, sealed).toHex(), text.toHex(), what);
    assertEquals(mine.open(sealed, ad).toHex(), text.toHex(), what);
    if (i % REKEY_MESSAGES === 0) { for (const cipher of [theirs, back]) cipher.rekey(); }
  }
});

Deno.test("cipher state: message 1,001 is under REKEY of the first key, with n 1,000", () => {
  assertEquals(REKEY_MESSAGES, 1_000, "as docs/PROTOCOL.md has it");
  const random = new Dice(SEED);
  const [key, text] = [random.bytes(32), random.bytes(40)];
  const { seal } = link(key);
  const made = Array.from({ length: 2_002 }, () => seal(text).toHex());
  const [second, third] = [rekeyed(key), rekeyed(rekeyed(key))];
  const expected: [n: number, key: Uint8Array][] = [
    ...[0, 1, 998, 999].map((n): [number, Uint8Array] => [n, key]),
    ...[1_000, 1_001, 1_999].map((n): [number, Uint8Array] => [n, second]),
    ...[2_000, 2_001].map((n): [number, Uint8Array] => [n, third]),
  ];
  for (const [n, under] of expected) {
    assertEquals(made[n], sealedWith(under, n, text), `CONFAB_SEED=${SEED}, n ${n}`);
  }
  assertEquals(new Set(made).size, made.length, "no two of the same text are the same");
});

for (const boundary of [1_000, 2_000, 3_000]) {
  Deno.test(`cipher state: around message ${boundary}, none but the next frame opens`, () => {
    const random = new Dice(SEED);
    const { seal, open } = link(random.bytes(32));
    // The same text in each: what tells them apart is their place.
    const text = random.bytes(20);
    const frames = Array.from({ length: boundary + 5 }, () => seal(text));
    const from = boundary - 5;
    for (const frame of frames.slice(0, from)) open(frame);
    const near = Array.from({ length: 10 }, (_, i) => from + i);
    for (let at = from; at < frames.length; at++) {
      // The first, and those that had this place under their own key.
      const far = [0, at - 1_000, at - 2_000].filter((other) => other >= 0);
      for (const other of [...far, ...near.filter((one) => one !== at)]) {
        const frame = frames[other];
        assert(frame);
        const what = `CONFAB_SEED=${SEED}: frame ${other} in place of ${at}`;
        const refusal = assertThrows(() => open(frame), CryptoError, "", what);
        assertEquals(refusal.code, "bad-tag", what);
      }
      const next = frames[at];
      assert(next);
      assertEquals(open(next), text, `CONFAB_SEED=${SEED}: frame ${at} after what was refused`);
    }
  });
}

Deno.test("cipher state: rekeyIfDue where none is due changes nothing", () => {
  const random = new Dice(SEED);
  const [key, text] = [random.bytes(32), random.bytes(20)];
  const cipher = new CipherState(key);
  for (let n = 0; n < 2_000; n++) {
    // After the 1,000th message it is due, once.
    for (let times = n === 1_000 ? 1 : 3; times > 0; times--) cipher.rekeyIfDue();
    const under = n < 1_000 ? key : rekeyed(key);
    const what = `CONFAB_SEED=${SEED}, n ${n}`;
    assertEquals(cipher.seal(text, EMPTY).toHex(), sealedWith(under, n, text), what);
  }
});

Deno.test("cipher state: an end that does not rekey gets nothing more", () => {
  const random = new Dice(SEED);
  const key = random.bytes(32);
  const { seal } = link(key);
  const stale = new CipherState(key);
  for (let n = 0; n < 1_000; n++) stale.open(seal(EMPTY), EMPTY);
  const next = seal(EMPTY);
  assertThrows(() => stale.open(next, EMPTY), CryptoError);
  stale.rekeyIfDue();
  assertEquals(stale.open(next, EMPTY), EMPTY, "the refusal has moved neither key nor nonce");
});

Deno.test("cipher state: what is shorter than a tag is refused, other associated data too", () => {
  const random = new Dice(SEED);
  const [key, text, ad] = [random.bytes(32), random.bytes(20), random.bytes(8)];
  const sealed = new CipherState(key).seal(text, ad);
  assertEquals(sealed.length, text.length + TAG_BYTES);
  const receiver = new CipherState(key);
  for (let length = 0; length < TAG_BYTES; length++) {
    const cut = sealed.subarray(0, length);
    const refusal = assertThrows(() => receiver.open(cut, ad), CryptoError);
    assertEquals(refusal.code, "bad-tag");
  }
  for (const other of [EMPTY, ad.subarray(1), random.bytes(8), new Uint8Array([...ad, 0])]) {
    assertThrows(() => receiver.open(sealed, other), CryptoError, "", `CONFAB_SEED=${SEED}`);
  }
  assertEquals(receiver.open(sealed, ad), text);
});
