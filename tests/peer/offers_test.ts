/** Offers that are not what they say, or not for whom they reach, or not for the first time. */
import { identityOf } from "../../lib/crypto/identity.ts";
import type { AcceptPolicy } from "../../lib/peer/commands.ts";
import { encodeFrame } from "../../lib/protocol/frame.ts";
import { formatKeyedUser } from "../../lib/protocol/keyed.ts";
import { encodeUtf8 } from "../../lib/protocol/utf8.ts";
import { assert, assertEquals } from "../support/assert.ts";
import {
  changedOffer,
  dropped,
  type OfferParts,
  signedOffer,
  userOf,
} from "../support/signed_offers.ts";
import {
  seedOf,
  VirtualClassic,
  type VirtualClient,
  VirtualWorld,
} from "../support/virtual_world.ts";

const EVE = identityOf(seedOf("eve"), true);

interface Room {
  readonly world: VirtualWorld;
  readonly ann: VirtualClient;
  readonly bob: VirtualClient;
  readonly carol: VirtualClient;
  readonly old: VirtualClassic;
}

function room(accept: AcceptPolicy): Room {
  const world = new VirtualWorld();
  const [ann, bob, carol] = [world.add("ann"), world.add("bob", { accept }), world.add("carol")];
  const old = new VirtualClassic(world, "old", "10.0.0.99");
  world.pass(100);
  assertEquals(bob.engine.peers.length, 3);
  return { world, ann, bob, carol, old };
}

/** What an offer did to bob, besides being counted. */
function effects({ world, bob }: Room): unknown {
  return {
    dials: world.dials.filter(({ from }) => from === "bob"),
    answers: world.datagrams.filter(({ from }) => from.ip === bob.ip).length,
    invites: bob.told("invite").length,
    sessions: bob.chats,
    connections: bob.connections,
  };
}

const NOTHING = { dials: [], answers: 0, invites: 0, sessions: [], connections: 0 };

/** A bad offer to bob, where it comes from (ann where nothing is said), and why it is dropped. */
type Bad = [reason: string, (room: Room) => Uint8Array, ip?: string];

const signed = (parts: OfferParts) => ({ world, ann, bob }: Room): Uint8Array =>
  signedOffer(world, ann, bob, parts);
const changed = (change: Record<string, unknown>) => (room: Room): Uint8Array =>
  changedOffer(signed({})(room), change);

const BAD: Record<string, Bad> = {
  "signed by a key that nobody has": ["bad-signature", signed({ signer: EVE })],
  "signed by somebody else in the room": [
    "bad-signature",
    signed({ signer: identityOf(seedOf("carol"), true) }),
  ],
  "signed by the one it is for": [
    "bad-signature",
    signed({ signer: identityOf(seedOf("bob"), true) }),
  ],
  "signed at another registry": ["bad-signature", signed({ registryKey: EVE.publicKey })],
  "from another address": ["wrong-source", signed({}), "10.0.0.3"],
  "from no address of the room": ["wrong-source", signed({}), "10.6.6.6"],
  "for somebody else": [
    "wrong-target",
    ({ world, ann, carol }) => signedOffer(world, ann, carol),
  ],
  "for our name, another session": ["wrong-target", signed({ toSession: "0".repeat(16) })],
  "for our session, another name": ["wrong-target", signed({ to: "carol" })],
  "of another session of its sender": ["replayed", signed({ session: "0".repeat(16) })],
  "under its sender's name in another case": ["replayed", signed({ username: "ANN" })],
  "under the name of a further session that is not there": [
    "unknown-sender",
    signed({ username: "ann~2" }),
  ],
  "of nobody in the room": ["unknown-sender", signed({ username: "nobody" })],
  "under our own name": ["unknown-sender", signed({ username: "bob" })],
  "our own, sent back": [
    "unknown-sender",
    ({ world, ann, bob }) => signedOffer(world, bob, ann),
  ],
  "with another port, of a third party": ["bad-signature", changed({ "tcp_port": 22 })],
  "with a higher counter": ["bad-signature", changed({ counter: 2 })],
  "with another id": ["bad-signature", changed({ offer: "0".repeat(32) })],
  "without a signature, with all the rest": ["malformed", changed({ signature: undefined })],
  "with its signature in capitals": ["malformed", changed({ signature: "A".repeat(128) })],
  "with a signature of zeros": ["bad-signature", changed({ signature: "0".repeat(128) })],
  "that was stripped of what our keys add": [
    "unsigned",
    changed({ confab: undefined, signature: undefined }),
  ],
  "that was stripped of its version alone": ["unsigned", changed({ confab: undefined })],
  "of the original program, under a name with a key": [
    "unsigned",
    () => encodeUtf8(`{"type":"tcp_port_info","username":"ann","tcp_port":22}`),
  ],
  "signed, under a name without a key": ["no-key", signed({ username: "old" }), "10.0.0.99"],
  "of the next version": ["malformed", changed({ confab: 2 })],
  "of no version": ["malformed", changed({ confab: null })],
  "of version 1 as text": ["malformed", changed({ confab: "1" })],
  "without a counter": ["malformed", changed({ counter: undefined })],
  "with counter 0": ["malformed", signed({ counter: 0 })],
  "with a counter beyond 2^53 - 1": ["malformed", changed({ counter: 2 ** 53 })],
  "with port 0": ["malformed", changed({ "tcp_port": 0 })],
  "of over 1,000 bytes": ["malformed", changed({ more: "x".repeat(1_000) })],
  "that is no JSON": ["malformed", () => encodeUtf8("hello")],
  "that is empty": ["malformed", () => new Uint8Array(0)],
};

for (const [what, [reason, make, ip]] of Object.entries(BAD)) {
  Deno.test(`an offer ${what}: no dial, no invite, no answer; counted`, () => {
    for (const accept of ["all", "ask"] as const) {
      const it = room(accept);
      const from = { ip: ip ?? it.ann.ip, port: it.ann.address.port };
      for (let i = 1; i <= 3; i++) {
        it.bob.engine.datagram(make(it), from, it.world.now);
        it.world.pass(100);
        assertEquals(effects(it), NOTHING, accept);
        assertEquals(dropped(it.bob), { [reason]: i });
      }
      // It has not made a good one worth less.
      it.ann.do({ command: "start", to: "bob" });
      it.world.pass(100);
      const heard = accept === "all" ? it.bob.chats : it.bob.told("invite").map(({ from }) => from);
      assertEquals(heard, accept === "all" ? ["ann open"] : ["ann"]);
    }
  });
}

Deno.test("an offer of which any one digit of its signature was changed", () => {
  const it = room("all");
  const good = new TextDecoder().decode(signed({})(it));
  const at = good.indexOf(`"signature":"`) + 13;
  for (let i = 0; i < 128; i++) {
    const digit = good[at + i] === "0" ? "1" : "0";
    const bytes = encodeUtf8(good.slice(0, at + i) + digit + good.slice(at + i + 1));
    it.bob.engine.datagram(bytes, it.ann.address, it.world.now);
  }
  it.world.pass(100);
  assertEquals([effects(it), dropped(it.bob)], [NOTHING, { "bad-signature": 128 }]);
  it.bob.engine.datagram(encodeUtf8(good), it.ann.address, it.world.now);
  it.world.pass(100);
  assertEquals(it.world.dials.length, 1, "the test's own offer is good");
});

Deno.test("an older counter, or the same with another id: dropped; each good one is taken once", () => {
  const it = room("ask");
  const offer = (counter: number, id: string): void => {
    const bytes = signedOffer(it.world, it.ann, it.bob, { counter, offer: id.repeat(32) });
    it.bob.engine.datagram(bytes, it.ann.address, it.world.now);
    it.world.pass(20);
  };
  offer(5, "a");
  const before = effects(it);
  for (const [counter, id] of [[4, "b"], [1, "a"], [5, "b"], [5, "c"]] as const) offer(counter, id);
  assertEquals(dropped(it.bob), { replayed: 4 });
  assertEquals(effects(it), before);
  offer(6, "d");
  offer(5, "a");
  assertEquals(dropped(it.bob), { replayed: 5 });
  assertEquals(it.bob.told("invite").length, 1);
});

Deno.test("answers that nobody waits for do nothing", () => {
  const it = room("all");
  for (const state of ["pending", "accepted", "rejected", "expired"]) {
    const answer = { type: "confab_answer", confab: 1, offer: "0".repeat(32), state };
    it.bob.engine.datagram(encodeUtf8(JSON.stringify(answer)), it.ann.address, it.world.now);
  }
  it.world.pass(1_000);
  assertEquals([effects(it), it.bob.told("error")], [NOTHING, []]);
});

Deno.test("an answer from another host does not end an offer", () => {
  const it = room("ask");
  it.ann.do({ command: "start", to: "bob" });
  it.world.pass(20);
  const { offer } = JSON.parse(new TextDecoder().decode(it.world.datagrams[0]?.bytes));
  const answer = { type: "confab_answer", confab: 1, offer, state: "rejected" };
  const bytes = encodeUtf8(JSON.stringify(answer));
  it.ann.engine.datagram(bytes, it.carol.address, it.world.now);
  assertEquals(it.ann.chats, []);
  it.ann.engine.datagram(bytes, it.bob.address, it.world.now);
  assertEquals(it.ann.chats, ["bob closed rejected"], "the answer itself is right");
});

Deno.test("a link to the port of an offer to somebody with a key has to begin with byte 00", () => {
  const it = room("all");
  it.world.fate = () => undefined;
  it.ann.do({ command: "chat", to: "bob", text: "for bob alone" });
  const [[, accept] = []] = [...it.world.tcp].filter(([at]) => at.startsWith(`${it.ann.ip} `));
  const heard: Uint8Array[] = [];
  let ended = 0;
  const back = {
    deliver: (bytes: Uint8Array) => void heard.push(bytes),
    end: () => void ended++,
  };
  for (let first = 1; first < 256; first++) {
    accept?.({ ip: it.bob.ip, port: 1 }, back).deliver(Uint8Array.of(first, 111, 98));
  }
  accept?.({ ip: it.bob.ip, port: 1 }, back).deliver(encodeUtf8("bob"));
  accept?.({ ip: it.bob.ip, port: 1 }, back).deliver(encodeUtf8("bobhello"));
  it.world.pass(1_000);
  assertEquals([heard, ended, it.ann.connections], [[], 257, 0]);
  assertEquals([it.ann.chats, it.ann.told("private")], [[], []]);
  assertEquals(dropped(it.ann), { "classic-link": 257 });
});

Deno.test("repeats of one offer, however many, whatever was said to it: 3 dials at most", () => {
  for (const answer of ["all", "accept", "start", "crossing"] as const) {
    const it = room(answer === "all" ? "all" : "ask");
    if (answer === "crossing") it.bob.do({ command: "start", to: "ann" });
    const bytes = signed({ tcpPort: 9 })(it);
    for (let i = 0; i < 200; i++) {
      it.bob.engine.datagram(bytes, it.ann.address, it.world.now);
      if (i % 10 === 0 && answer !== "all") {
        it.bob.do({ command: answer === "accept" ? "accept" : "start", to: "ann" });
      }
      it.world.pass(150);
    }
    const dials = it.world.dials.filter(({ to }) => to.port === 9).length;
    assert(dials >= 1 && dials <= 3, `${answer}: ${dials}`);
  }
});

Deno.test("a registry that tells again what it has told does not make an old offer a new one", () => {
  for (const what of ["JOINED", "LEFT and JOINED"]) {
    const it = room("all");
    const bytes = signed({})(it);
    it.bob.engine.datagram(bytes, it.ann.address, it.world.now);
    it.world.pass(100);
    assertEquals(it.world.dials.length, 1);
    const user = userOf(it.ann, it.bob);
    const told = [`JOINED:9:${formatKeyedUser(user)}`];
    if (what !== "JOINED") told.unshift(`LEFT:9:${user.session}`);
    for (const payload of told) {
      it.bob.engine.registryReceived(encodeFrame(payload), it.world.now);
    }
    it.bob.engine.datagram(bytes, it.ann.address, it.world.now);
    it.world.pass(100);
    assertEquals(it.world.dials.length, 1, what);
  }
});
