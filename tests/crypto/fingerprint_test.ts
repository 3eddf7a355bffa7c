import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { fingerprintOf, safetyNumber } from "../../lib/crypto/fingerprint.ts";
import { assertEquals, assertMatch, assertNotEquals, assertThrows } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";

const SEED = seedOfRun();

/** 30 digits, from the words of the documentation, over `@noble/hashes`. */
function half(key: Uint8Array): string {
  let digest = sha512(Uint8Array.from([0, 0, ...key]));
  for (let round = 2; round <= 5_200; round++) {
    digest = sha512(Uint8Array.from([...digest, ...key]));
  }
  let digits = "";
  for (let at = 0; at < 30; at += 5) {
    const number = BigInt(`0x${digest.slice(at, at + 5).toHex()}`);
    digits += (number % 100_000n).toString().padStart(5, "0");
  }
  return digits;
}

Deno.test("fingerprint: the first 20 bytes of SHA-256, in groups of 4 digits", () => {
  const key = new Dice(SEED).bytes(32);
  const shown = fingerprintOf(key.toHex());
  assertMatch(shown, /^[0-9a-f]{4}( [0-9a-f]{4}){9}$/);
  assertEquals(shown.replaceAll(" ", ""), sha256(key).slice(0, 20).toHex(), `CONFAB_SEED=${SEED}`);
});

Deno.test("safety number: agrees with one over @noble, whoever asks", () => {
  const random = new Dice(SEED);
  for (let run = 0; run < 3; run++) {
    const [a, b] = [random.bytes(32), random.bytes(32)];
    const shown = safetyNumber(a.toHex(), b.toHex());
    assertMatch(shown, /^[0-9]{5}( [0-9]{5}){11}$/);
    const [first = "", second = ""] = [half(a), half(b)].toSorted();
    assertEquals(shown.replaceAll(" ", ""), first + second, `CONFAB_SEED=${SEED}, run ${run}`);
    assertEquals(safetyNumber(b.toHex(), a.toHex()), shown);
    assertNotEquals(safetyNumber(a.toHex(), a.toHex()), shown);
  }
});

Deno.test("fingerprint, safety number: what is no public key is the caller's mistake", () => {
  const key = "0".repeat(64);
  for (const wrong of ["", key + "0", key.slice(1), "A".repeat(64)]) {
    assertThrows(() => fingerprintOf(wrong), RangeError);
    assertThrows(() => safetyNumber(key, wrong), RangeError);
    assertThrows(() => safetyNumber(wrong, key), RangeError);
  }
});
