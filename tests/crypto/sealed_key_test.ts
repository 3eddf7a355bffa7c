import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { scrypt } from "@noble/hashes/scrypt.js";
import { isSealedKey, openKey, SealedKeyError, sealKey } from "../../lib/crypto/sealed_key.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";

const SEED = seedOfRun();
const URL_SAFE = { alphabet: "base64url", omitPadding: true } as const;

/** Seals as the documentation says, over `@noble/*`; `log2n` of 14 is quick. */
function nobleSeal(seed: Uint8Array, username: string, passphrase: string, log2n = 14): string {
  const random = new Dice(SEED);
  const [salt, nonce] = [random.bytes(16), random.bytes(12)];
  const key = scrypt(passphrase.normalize("NFC"), salt, { N: 2 ** log2n, r: 8, p: 1, dkLen: 32 });
  const head = `confab-key-1:${log2n}:${salt.toBase64(URL_SAFE)}:${nonce.toBase64(URL_SAFE)}`;
  const ad = new TextEncoder().encode(`${head}:${username}`);
  const box = chacha20poly1305(key, nonce, ad).encrypt(seed);
  return `${head}:${box.toBase64(URL_SAFE)}:${username}`;
}

/** The code of the error that opening gives. */
function refusal(sealed: string, passphrase: string): string {
  return assertThrows(() => openKey(sealed, passphrase), SealedKeyError, "", sealed).code;
}

Deno.test("sealed key: opens with its passphrase, and no other", () => {
  const seed = new Dice(SEED).bytes(32);
  const sealed = sealKey(seed, "Zoë", "open sesame");
  assert(!/\s/.test(sealed), "one line");
  assert(isSealedKey(sealed));
  assertEquals(openKey(sealed, "open sesame"), { username: "Zoë", seed });
  assertEquals(refusal(sealed, "open sesam"), "bad-passphrase");
  assertNotEquals(sealKey(seed, "Zoë", "open sesame"), sealed, "salted");
});

Deno.test("sealed key: agrees with one over @noble, both ways", () => {
  const seed = new Dice(SEED).bytes(32);
  const opened = openKey(nobleSeal(seed, "ann", "caffe\u0300"), "caff\u00e8");
  assertEquals(opened, { username: "ann", seed }, `CONFAB_SEED=${SEED}`);

  const [version, log2n, salt = "", nonce = "", box = "", name] = sealKey(seed, "ann", "é🙂 :")
    .split(":");
  assertEquals([version, log2n, name], ["confab-key-1", "16", "ann"]);
  const bytes = (text: string) => Uint8Array.fromBase64(text, { alphabet: "base64url" });
  const key = scrypt("é🙂 :", bytes(salt), { N: 2 ** 16, r: 8, p: 1, dkLen: 32 });
  const ad = new TextEncoder().encode(`confab-key-1:16:${salt}:${nonce}:ann`);
  assertEquals(chacha20poly1305(key, bytes(nonce), ad).decrypt(bytes(box)), seed);
});

Deno.test("sealed key: a change of any part is refused", () => {
  const seed = new Dice(SEED).bytes(32);
  const sealed = nobleSeal(seed, "ann", "p");
  assertEquals(openKey(sealed, "p").seed, seed);
  const fields = sealed.split(":");
  for (const [at, change] of [[1, "15"], [5, "Ann"], [5, "anna"]] as const) {
    assertEquals(refusal(fields.with(at, change).join(":"), "p"), "bad-passphrase");
  }
  // First and last digit of salt, nonce, ciphertext and tag.
  for (const [at, digits] of [[2, [0, 20]], [3, [0, 15]], [4, [0, 42, 43, 63]]] as const) {
    for (const digit of digits) {
      const field = [...fields[at] ?? ""];
      field[digit] = field[digit] === "A" ? "B" : "A";
      assertEquals(refusal(fields.with(at, field.join("")).join(":"), "p"), "bad-passphrase");
    }
  }
});

Deno.test("sealed key: what has another form is refused before any work", () => {
  const sealed = nobleSeal(new Uint8Array(32), "ann", "p");
  const fields = sealed.split(":");
  const field = (at: number) => fields[at] ?? "";
  const wrong = [
    "",
    "confab-key-1",
    ` ${sealed}`,
    `${sealed}\n`,
    `${sealed}:`,
    fields.slice(0, 5).join(":"),
    fields.with(0, "confab-key-2").join(":"),
    ...["13", "18", "99", "014", "1e1", "-1", ""].map((n) => fields.with(1, n).join(":")),
    ...[2, 3, 4].flatMap((at) => [
      fields.with(at, "").join(":"),
      fields.with(at, field(at).slice(1)).join(":"),
      fields.with(at, field(at) + "A").join(":"),
      fields.with(at, field(at).slice(1) + "=").join(":"),
      fields.with(at, field(at).slice(1) + "+").join(":"),
    ]),
    // Four bits more than 16 bytes have.
    fields.with(2, field(2).slice(0, 21) + "B").join(":"),
    ...["", "a b", "ann~2", "server", "\u202eann", "x".repeat(33)].map((name) =>
      fields.with(5, name).join(":")
    ),
  ];
  assert(isSealedKey(sealed));
  for (const text of wrong) {
    assertEquals(refusal(text, "p"), "bad-form");
    assert(!isSealedKey(text), text);
  }
});

Deno.test("sealed key: the caller's mistakes", () => {
  const seed = new Uint8Array(32);
  assertThrows(() => sealKey(new Uint8Array(31), "ann", "p"), RangeError);
  assertThrows(() => sealKey(seed, "a:b", "p"), RangeError);
  assertThrows(() => sealKey(seed, "ann", ""), RangeError, "empty passphrase");
  assertThrows(() => openKey(nobleSeal(seed, "ann", "p"), ""), RangeError, "empty passphrase");
});
