import { ed25519 } from "@noble/curves/ed25519.js";
import { identityOf, isSignedBy, newSeed } from "../../lib/crypto/identity.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";

const SEED = seedOfRun();
const CONTEXT = "confab-register-v1";

Deno.test("identity: RFC 8032 section 7.1, test 1: the public key of a private key", () => {
  const seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
  const { publicKey } = identityOf(Uint8Array.fromHex(seed), true);
  assertEquals(publicKey, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
});

Deno.test("identity: agrees with @noble/curves, both ways", () => {
  const random = new Dice(SEED);
  for (let run = 0; run < 20; run++) {
    const seed = random.bytes(32);
    const identity = identityOf(seed, false);
    const what = `CONFAB_SEED=${SEED}, run ${run}`;
    assertEquals(identity.publicKey, ed25519.getPublicKey(seed).toHex(), what);
    const fields = ["ann", random.bytes(16).toHex(), `caffè ${run}: 🙂`];
    const signed = new TextEncoder().encode(`${CONTEXT}:${fields.join(":")}`);
    const signature = identity.sign(CONTEXT, fields);
    assertEquals(signature, ed25519.sign(signed, seed).toHex(), what);
    assert(ed25519.verify(Uint8Array.fromHex(signature), signed, ed25519.getPublicKey(seed)), what);
    assert(isSignedBy(identity.publicKey, signature, CONTEXT, fields), what);
  }
});

Deno.test("identity: a signature holds for its key, context and fields alone", () => {
  const [ann, bob] = [identityOf(newSeed(), true), identityOf(newSeed(), true)];
  const fields = ["ann", "nonce"];
  const signature = ann.sign(CONTEXT, fields);
  assert(isSignedBy(ann.publicKey, signature, CONTEXT, fields));
  assert(!isSignedBy(bob.publicKey, signature, CONTEXT, fields));
  assert(!isSignedBy(ann.publicKey, signature, "confab-offer-v1", fields));
  assert(!isSignedBy(ann.publicKey, signature, CONTEXT, ["ann", "nonces"]));
  assert(!isSignedBy(ann.publicKey, signature, CONTEXT, ["ann"]));
  for (let bit = 0; bit < 512; bit++) {
    const changed = Uint8Array.fromHex(signature);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert(!isSignedBy(ann.publicKey, changed.toHex(), CONTEXT, fields), `bit ${bit}`);
  }
});

Deno.test("identity: what has another form is no signature, and no error", () => {
  const { publicKey, sign } = identityOf(newSeed(), true);
  const signature = sign(CONTEXT, []);
  assert(isSignedBy(publicKey, signature, CONTEXT, []));
  for (const key of ["", publicKey.slice(1), publicKey + "0", "g".repeat(64), "f".repeat(64)]) {
    assert(!isSignedBy(key, signature, CONTEXT, []), key);
  }
  for (const other of ["", signature.slice(2), signature + "00", " " + signature.slice(1)]) {
    assert(!isSignedBy(publicKey, other, CONTEXT, []), other);
  }
});

Deno.test("identity: new keys differ; one of another length is the caller's mistake", () => {
  assertNotEquals(newSeed().toHex(), newSeed().toHex());
  for (const length of [0, 31, 33]) {
    assertThrows(() => identityOf(new Uint8Array(length), true), RangeError);
  }
});
