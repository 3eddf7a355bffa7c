/** The example of `docs/PROTOCOL.md` section 9.1, replayed byte for byte from its private keys. */
import { CryptoError } from "../../lib/crypto/error.ts";
import { NoiseXX } from "../../lib/crypto/noise_xx.ts";
import { keyPair } from "../../lib/crypto/x25519.ts";
import {
  formatLinkIdentity,
  formatPrivate,
  linkPrologue,
  parseLinkIdentity,
  parsePrivate,
} from "../../lib/protocol/private.ts";
import { hexBlocks, LINK_SECTION, readPage, sectionOf, told } from "../protocol/page.ts";
import { bytesOf } from "../protocol/vectors.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { testWith } from "../support/permitted.ts";
import { NobleXX } from "./noble_noise.ts";

type Name = "bob" | "ann";

/** One frame of the example. */
interface Step {
  readonly from: Name;
  /** What is said in it, before it is sealed. */
  readonly payload: string;
  /** The frame without its header. */
  readonly message: Uint8Array;
}

/** The whole example: bob is the dialler. */
interface Example {
  readonly prologue: string;
  readonly keys: Readonly<Record<Name, { s: Uint8Array; e: Uint8Array }>>;
  readonly handshake: readonly Step[];
  readonly sealed: readonly Step[];
}

const EMPTY = new Uint8Array(0);
const utf8 = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

const HEX = String.raw`\n\n((?: {4}[0-9a-f ]+\n)+)`;
const WAY = "(bob|ann) to (?:bob|ann)";
const HANDSHAKE = new RegExp(
  String.raw`^handshake (\d), ${WAY}(?:: no payload|, with the payload\n\n {4}(.+))${HEX}`,
  "gm",
);
const SEALED = new RegExp(`^sealed (.+), ${WAY}${HEX}`, "gm");

function exampleOf(page: string): Example {
  const link = sectionOf(page, LINK_SECTION);
  const [bs = "", be = "", as = "", ae = ""] = told(
    link,
    /32 times one\sbyte: bob's static `(..)`, ephemeral `(..)`; ann's static `(..)`, \w+ `(..)`/,
  );
  const [prologue = ""] = told(link, /The prologue is `(\S+)`\./);
  const filled = (byte: string) => Uint8Array.fromHex(byte.repeat(32));
  const handshake = Array.from(
    link.matchAll(HANDSHAKE),
    ([, number = "", from = "", payload = "", hex = ""], i) => {
      assertEquals(number, `${i + 1}`);
      return step(from, payload, hex);
    },
  );
  const sealed = Array.from(
    link.matchAll(SEALED),
    ([, payload = "", from = "", hex = ""]) => step(from, payload, hex),
  );
  assertEquals([handshake.length, sealed.length], [3, 6]);
  assertEquals(hexBlocks(link).length, 9, "all that is on the page is in the example");
  return {
    prologue,
    keys: {
      bob: { s: filled(bs), e: filled(be) },
      ann: { s: filled(as), e: filled(ae) },
    },
    handshake,
    sealed,
  };
}

/** A frame of the page, whose header has to tell its length. */
function step(from: string, payload: string, hex: string): Step {
  assert(from === "bob" || from === "ann");
  const frame = bytesOf(hex);
  assertEquals(new DataView(frame.buffer).getUint32(0), frame.length - 4, `the header of ${hex}`);
  return { from, payload, message: frame.subarray(4) };
}

/** Both sides of the example in `lib/crypto`, before the first message. */
function sidesOf({ prologue, keys: { bob, ann } }: Example): Record<Name, NoiseXX> {
  return {
    bob: new NoiseXX("initiator", utf8(prologue), keyPair(bob.s), keyPair(bob.e)),
    ann: new NoiseXX("responder", utf8(prologue), keyPair(ann.s), keyPair(ann.e)),
  };
}

const otherThan = (name: Name): Name => name === "bob" ? "ann" : "bob";

testWith(["read"], "docs/PROTOCOL.md 9.1: lib/crypto makes and reads its handshake", () => {
  const example = exampleOf(readPage());
  const { bob, ann } = sidesOf(example);
  const sides = { bob, ann };
  for (const { from, payload, message } of example.handshake) {
    assertEquals(sides[from].write(utf8(payload)).toHex(), message.toHex(), payload);
    assertEquals(textOf(sides[otherThan(from)].read(message)), payload);
  }
  assert(bob.isDone && ann.isDone);
  assertEquals(bob.theirStatic, keyPair(example.keys.ann.s).publicKey);
  assertEquals(ann.theirStatic, keyPair(example.keys.bob.s).publicKey);
  const transport = { bob: bob.split(), ann: ann.split() };
  assertEquals(transport.bob.hash, transport.ann.hash);
  for (const { from, payload, message } of example.sealed) {
    assertEquals(transport[from].send.seal(utf8(payload), EMPTY).toHex(), message.toHex(), payload);
    assertEquals(textOf(transport[otherThan(from)].receive.open(message, EMPTY)), payload);
  }
});

testWith(["read"], "docs/PROTOCOL.md 9.1: another implementation makes and reads it, too", () => {
  const { prologue, keys, handshake, sealed } = exampleOf(readPage());
  const sides = {
    bob: new NobleXX(true, utf8(prologue), keys.bob.s, keys.bob.e),
    ann: new NobleXX(false, utf8(prologue), keys.ann.s, keys.ann.e),
  };
  for (const [i, { from, payload, message }] of handshake.entries()) {
    assertEquals(sides[from].write(i, utf8(payload)).toHex(), message.toHex(), payload);
    assertEquals(textOf(sides[otherThan(from)].read(i, message)), payload);
  }
  const transport = { bob: sides.bob.split(), ann: sides.ann.split() };
  for (const { from, payload, message } of sealed) {
    const made = transport[from].send.encrypt(EMPTY, utf8(payload));
    assertEquals(made.toHex(), message.toHex(), payload);
    assertEquals(textOf(transport[otherThan(from)].receive.decrypt(EMPTY, message)), payload);
  }
});

testWith(
  ["read"],
  "docs/PROTOCOL.md 9.1: its prologue and payloads are what lib/protocol makes",
  () => {
    const page = readPage();
    const { prologue, handshake, sealed } = exampleOf(page);
    const [offer = ""] = told(sectionOf(page, LINK_SECTION), /for the offer `([0-9a-f]{32})`/);
    assertEquals(textOf(linkPrologue("bob", "ann", offer)), prologue);
    assertEquals(handshake.map(({ from }) => from), ["bob", "ann", "bob"]);
    const [first, ...told2and3] = handshake;
    assertEquals(first?.payload, "");
    for (const { from, payload } of told2and3) {
      const identity = parseLinkIdentity(payload);
      assertEquals(identity.name, from);
      assertEquals(formatLinkIdentity(identity), payload);
    }
    assertEquals(sealed.map(({ payload }) => parsePrivate(payload).verb), [
      "OPEN",
      "SEEN",
      "SEEN",
      "TEXT",
      "SEEN",
      "CLOSE",
    ]);
    for (const { payload } of sealed) assertEquals(formatPrivate(parsePrivate(payload)), payload);
    assertEquals(sealed[0]?.from, "ann", "the listener says OPEN");
  },
);

testWith(
  ["read"],
  "docs/PROTOCOL.md 9.1: another name, order of names or offer opens none of it",
  () => {
    const example = exampleOf(readPage());
    const [first, second] = example.handshake;
    assert(first && second);
    const [context, dialler, listener, offer] = example.prologue.split(":");
    const others = [
      [context, listener, dialler, offer],
      [context, dialler, "Ann", offer],
      [context, "rob", listener, offer],
      [context, dialler, listener, `${offer?.slice(0, -1)}0`],
      ["confab-link-v2", dialler, listener, offer],
    ];
    for (const other of others) {
      const { bob } = sidesOf({ ...example, prologue: other.join(":") });
      assertEquals(
        bob.write(EMPTY).toHex(),
        first.message.toHex(),
        "the first tells nothing of it",
      );
      const refusal = assertThrows(
        () => bob.read(second.message),
        CryptoError,
        "",
        other.join(":"),
      );
      assertEquals(refusal.code, "bad-tag");
    }
  },
);
