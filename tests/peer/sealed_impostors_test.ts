/** Those who can speak the protocol of a sealed link, and are not whom it is meant for, or do not keep to it. */
import { CryptoError } from "../../lib/crypto/error.ts";
import { identityOf } from "../../lib/crypto/identity.ts";
import { type KeyPair, keyPair } from "../../lib/crypto/x25519.ts";
import { formatLinkIdentity, linkPrologue } from "../../lib/protocol/private.ts";
import { encodeFrame } from "../../lib/protocol/frame.ts";
import { encodeUtf8 } from "../../lib/protocol/utf8.ts";
import { holdOf, type UserKey } from "../../lib/protocol/keyed.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import {
  IDENTITIES,
  NAMES,
  OFFER,
  otherRole,
  RawPeer,
  type Role,
  SealedPair,
  SealedSide,
  STATICS,
} from "../support/sealed_pair.ts";

const EMPTY = new Uint8Array(0);
const ROLES = ["dialler", "listener"] as const;
const EVE = identityOf(new Uint8Array(32).fill(0xee), true);
const EVES_STATIC = keyPair(new Uint8Array(32).fill(0xe1));

/** Points of low order, their aliases, and those with the bit that X25519 ignores. */
const LOW_ORDER = [
  "00".repeat(32),
  "01" + "00".repeat(31),
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ec" + "ff".repeat(30) + "7f",
  "ed" + "ff".repeat(30) + "7f",
  "ee" + "ff".repeat(30) + "7f",
  "00".repeat(31) + "80",
  "01" + "00".repeat(30) + "80",
];

const keyOf = ({ publicKey, kept }: UserKey): UserKey => ({ publicKey, kept });
const KEYS = { dialler: keyOf(IDENTITIES.dialler), listener: keyOf(IDENTITIES.listener) };

/** What a peer of that role has to sign. */
function fieldsOf(role: Role): string[] {
  return [NAMES[role], holdOf(KEYS[role]), STATICS[role].publicKey.toHex()];
}

/** What a peer of that role says of itself. */
function introduction(
  role: Role,
  { name = NAMES[role], identity = IDENTITIES[role], signed = STATICS[role] } = {},
): string {
  const key = { publicKey: identity.publicKey, kept: identity.kept };
  const fields = [name, holdOf(key), signed.publicKey.toHex()];
  return formatLinkIdentity({ name, key, signature: identity.sign("confab-static-v1", fields) });
}

/** Has `raw` take the other part of a handshake with `victim`, with that payload in its own message. */
function greet(role: Role, raw: RawPeer, payload: Uint8Array, victim: SealedSide): void {
  if (role === "dialler") {
    victim.chat.receive(raw.write(EMPTY));
    for (const frame of victim.take()) raw.read(frame);
    victim.chat.receive(raw.write(payload));
  } else {
    for (const frame of victim.take()) raw.read(frame);
    victim.chat.receive(raw.write(payload));
    for (const frame of victim.take()) raw.read(frame);
  }
}

/** A machine and a peer with tools of its own, the handshake between them done. */
function greeted(role: Role): { raw: RawPeer; victim: SealedSide } {
  const [raw, victim] = [new RawPeer(role), new SealedSide(otherRole(role))];
  greet(role, raw, encodeUtf8(introduction(role)), victim);
  return { raw, victim };
}

/** What a victim of `role` said on its own: nothing in which its name or key could be read. */
function assertRefused(victim: SealedSide, reason: string, label: string): void {
  const { opened, texts, closed } = victim.told;
  assertEquals([opened, texts, closed.join()], [0, [], reason], label);
  assertEquals(victim.take(), [], `${label}: nothing is answered`);
  victim.say("too late");
  assertEquals(victim.take(), [], `${label}: nothing is said after it`);
}

Deno.test("the right payload is taken, from either side: else the tests below show nothing", () => {
  for (const role of ROLES) {
    const { raw, victim } = greeted(role);
    if (role === "listener") victim.chat.receive(raw.seal(encodeUtf8("OPEN")));
    else assertEquals(raw.open(victim.take()), ["OPEN"]);
    assertEquals(victim.told, { opened: 1, texts: [], closed: [] }, role);
  }
});

for (const role of ROLES) {
  const other = otherRole(role);
  const good = introduction(role);
  const impostors: Record<string, [payload: string | Uint8Array, reason: string]> = {
    "another name, signed": [introduction(role, { name: "eve" }), "bad-tag"],
    "the name in another case": [
      introduction(role, { name: NAMES[role].toUpperCase() }),
      "bad-tag",
    ],
    "another identity key": [introduction(role, { identity: EVE }), "bad-tag"],
    "the key of the one it speaks to": [
      introduction(role, { identity: IDENTITIES[other] }),
      "bad-tag",
    ],
    "what the other one says of itself": [introduction(other), "bad-tag"],
    "the right key, signed by another": [
      formatLinkIdentity({
        name: NAMES[role],
        key: KEYS[role],
        signature: EVE.sign("confab-static-v1", fieldsOf(role)),
      }),
      "bad-tag",
    ],
    "a signature over another static key": [
      introduction(role, { signed: EVES_STATIC }),
      "bad-tag",
    ],
    "a signature over another name": [
      formatLinkIdentity({
        name: NAMES[role],
        key: KEYS[role],
        signature: IDENTITIES[role].sign("confab-static-v1", fieldsOf(role).with(0, "eve")),
      }),
      "bad-tag",
    ],
    "a signature made for something else": [
      formatLinkIdentity({
        name: NAMES[role],
        key: KEYS[role],
        signature: IDENTITIES[role].sign("confab-offer-v1", fieldsOf(role)),
      }),
      "bad-tag",
    ],
    "another hold than it signed": [
      formatLinkIdentity({
        name: NAMES[role],
        key: { ...KEYS[role], kept: !KEYS[role].kept },
        signature: IDENTITIES[role].sign("confab-static-v1", fieldsOf(role)),
      }),
      "bad-tag",
    ],
    "no signature": [good.slice(0, -128), "bad-message"],
    "a signature in capitals": [
      good.slice(0, -128) + good.slice(-128).toUpperCase(),
      "bad-message",
    ],
    "one field more": [`${good}:`, "bad-message"],
    "nothing": ["", "bad-message"],
    "another verb": [good.replace("IDENTITY", "TEXT"), "bad-message"],
    "no UTF-8": [new Uint8Array([0xff, 0xfe]), "bad-frame"],
  };
  for (const [what, [payload, reason]] of Object.entries(impostors)) {
    Deno.test(`a ${role} with ${what} is refused`, () => {
      const victim = new SealedSide(other);
      const bytes = typeof payload === "string" ? encodeUtf8(payload) : payload;
      greet(role, new RawPeer(role), bytes, victim);
      assertRefused(victim, reason, what);
    });
  }

  Deno.test(`a ${role} with a static key of its own and somebody's recorded payload is refused`, () => {
    const victim = new SealedSide(other);
    const raw = new RawPeer(role, { staticKey: EVES_STATIC });
    greet(role, raw, encodeUtf8(good), victim);
    assertRefused(victim, "bad-tag", role);
  });

  Deno.test(`a ${role} for another offer, other names, or the parts exchanged is refused`, () => {
    const prologues = [
      linkPrologue(NAMES.dialler, NAMES.listener, "ff".repeat(16)),
      linkPrologue(NAMES.listener, NAMES.dialler, OFFER),
      linkPrologue("bobby", NAMES.listener, OFFER),
      EMPTY,
    ];
    for (const prologue of prologues) {
      const victim = new SealedSide(other);
      const raw = new RawPeer(role, { prologue });
      if (role === "listener") {
        greetBlind(raw, victim, encodeUtf8(good));
        assertRefused(victim, "bad-tag", role);
      } else {
        victim.chat.receive(raw.write(EMPTY));
        const [answer = EMPTY] = victim.take();
        assertThrows(() => raw.read(answer), CryptoError);
        // It says what it would say if it could open that.
        victim.chat.receive(encodeFrame(new Uint8Array(270)));
        assertRefused(victim, "bad-tag", role);
      }
    }
  });

  Deno.test(`a ${role} with points of low order, as ephemeral or static key, is refused`, () => {
    for (const point of LOW_ORDER) {
      const weak: KeyPair = { publicKey: Uint8Array.fromHex(point), dh: () => new Uint8Array(32) };
      for (const keys of [{ ephemeral: weak }, { staticKey: weak }]) {
        const label = `${Object.keys(keys)} ${point.slice(0, 8)}`;
        const victim = new SealedSide(other);
        const raw = new RawPeer(role, keys);
        const said = introduction(role, { signed: keys.staticKey ?? STATICS[role] });
        if (role === "dialler" && keys.ephemeral) {
          victim.chat.receive(raw.write(EMPTY));
        } else {
          greet(role, raw, encodeUtf8(said), victim);
        }
        assertRefused(victim, "bad-tag", label);
      }
    }
  });
}

/** The listener's message to a dialler whose prologue is another. */
function greetBlind(raw: RawPeer, victim: SealedSide, payload: Uint8Array): void {
  for (const frame of victim.take()) raw.read(frame);
  victim.chat.receive(raw.write(payload));
}

Deno.test("a payload in the first message: refused, nothing answered", () => {
  for (const payload of ["x", introduction("dialler")]) {
    const victim = new SealedSide("listener");
    victim.chat.receive(new RawPeer("dialler").write(encodeUtf8(payload)));
    assertRefused(victim, "bad-tag", payload);
  }
});

Deno.test("the first sealed message has to be OPEN: nothing else is heard", () => {
  const first: [string, string][] = [
    ["TEXT:1:early", "bad-message"],
    ["CLOSE:quit", "quit"],
    ["CLOSE:key-changed", "key-changed"],
    ["CLOSE:never-heard-of", "closed"],
    ["OPEN:", "bad-message"],
    ["open", "bad-message"],
    ["", "bad-message"],
  ];
  for (const [message, reason] of first) {
    const { raw, victim } = greeted("listener");
    victim.take();
    victim.chat.receive(raw.seal(encodeUtf8(message)));
    victim.chat.receive(raw.seal(encodeUtf8("OPEN")));
    victim.chat.receive(raw.seal(encodeUtf8("TEXT:1:late")));
    assertRefused(victim, reason, message);
  }
});

Deno.test("the dialler says nothing before OPEN; the listener hears no OPEN", () => {
  const victim = new SealedSide("dialler");
  const raw = new RawPeer("listener");
  victim.say("before the handshake");
  assertEquals(victim.outbox.length, 1, "its first message");
  greet("listener", raw, encodeUtf8(introduction("listener")), victim);
  victim.say("before OPEN");
  assertEquals(victim.take(), []);
  victim.chat.receive(raw.seal(encodeUtf8("OPEN")));
  victim.say("after it");
  assertEquals(raw.open(victim.take()), ["TEXT:3:after it"]);
});

Deno.test("in an open session what is wrong ends it, with its code, told to the other", () => {
  const wrong: [string | Uint8Array, string][] = [
    ["OPEN", "bad-message"],
    ["TEXT:", "bad-message"],
    ["TEXT:1:", "bad-message"],
    ["TEXT:0:a", "bad-message"],
    ["SEEN:-1", "bad-message"],
    ["TEXT", "bad-message"],
    ["", "bad-message"],
    ["PING:-1", "bad-message"],
    ["CLOSE:", "bad-message"],
    ["CLOSE:\x1b[2J", "bad-message"],
    [`TEXT:1:${"🙂".repeat(4_097)}`, "too-long"],
    [new Uint8Array([0x54, 0x45, 0x58, 0x54, 0x3a, 0x31, 0x3a, 0xff]), "bad-frame"],
  ];
  for (const role of ROLES) {
    for (const [message, reason] of wrong) {
      const { raw, victim } = greeted(role);
      if (role === "listener") victim.chat.receive(raw.seal(encodeUtf8("OPEN")));
      else raw.open(victim.take());
      const bytes = typeof message === "string" ? encodeUtf8(message) : message;
      victim.chat.receive(raw.seal(encodeUtf8("TEXT:1:before")));
      victim.chat.receive(raw.seal(bytes));
      victim.chat.receive(raw.seal(encodeUtf8("TEXT:2:after")));
      const label = `${role} ${message.slice(0, 20)}`;
      assertEquals(victim.told.texts, ["before"], label);
      assertEquals(victim.closed.join(), reason, label);
      assertEquals(raw.open(victim.take()), [`CLOSE:${reason}`], label);
    }
  }
});

Deno.test("a frame of length 0 or over 65,536, of no or half a tag: ends an open session", () => {
  const headers: [number[], string][] = [
    [[0, 0, 0, 0], "bad-frame"],
    [[0, 1, 0, 1], "bad-frame"],
    [[0xff, 0xff, 0xff, 0xff], "bad-frame"],
    [[0, 0, 0, 1, 7], "bad-tag"],
    [[0, 0, 0, 15, ...new Array(15).fill(0)], "bad-tag"],
    [[0, 0, 0, 16, ...new Array(16).fill(0)], "bad-tag"],
  ];
  for (const [bytes, reason] of headers) {
    const { raw, victim } = greeted("dialler");
    raw.open(victim.take());
    victim.chat.receive(Uint8Array.from(bytes));
    victim.chat.receive(raw.seal(encodeUtf8("TEXT:2:after")));
    assertEquals([victim.told.texts, victim.closed.join()], [[], reason], `${bytes}`);
    assertEquals(raw.open(victim.take()), [`CLOSE:${reason}`]);
  }
});

Deno.test("CLOSE: an unknown reason is closed; what comes after it is not heard", () => {
  for (const [said, heard] of [["blocked", "blocked"], ["x-of-a-later-version", "closed"]]) {
    const { raw, victim } = greeted("dialler");
    raw.open(victim.take());
    victim.chat.receive(raw.seal(encodeUtf8(`CLOSE:${said}`)));
    victim.chat.receive(raw.seal(encodeUtf8("TEXT:2:after")));
    assertEquals(victim.told, { opened: 1, texts: [], closed: [heard as "closed"] });
    assertEquals(victim.take(), [], "no answer to an end");
  }
});

Deno.test("a chat that is not to be after all: the listener tells why in place of OPEN", () => {
  for (const refuser of ROLES) {
    const pair = new SealedPair(undefined, { [refuser]: { refuse: () => "key-changed" } });
    pair.carry();
    pair.say("dialler", "hello");
    pair.say("listener", "hello");
    assertEquals([pair.dialler.texts, pair.listener.texts], [[], []], refuser);
    assertEquals([pair.dialler.closed, pair.listener.closed], [["key-changed"], ["key-changed"]]);
    assertEquals(pair[refuser].opened, 0);
    if (refuser === "listener") assertEquals(pair.dialler.opened, 0);
  }
});

Deno.test("keys of another registration: whoever holds the name, the key is the one asked for", () => {
  for (const role of ROLES) {
    const pair = new SealedPair(undefined, { [role]: { identity: EVE } });
    pair.converse();
    const victim = pair[otherRole(role)];
    assertEquals(victim.told, { opened: 0, texts: [], closed: ["bad-tag"] }, role);
    assert(pair[role].texts.length === 0);
  }
});
