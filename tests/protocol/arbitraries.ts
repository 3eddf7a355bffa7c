/**
 * Messages, texts and chunkings for property tests.
 *
 * @module
 */
import fc from "fast-check";
import { parseIp } from "../../lib/protocol/address.ts";
import type { Answer, Offer } from "../../lib/protocol/datagram.ts";
import type { Observation, ObserveRequest } from "../../lib/protocol/observe.ts";
import {
  type ClientMessage,
  formatMessage,
  type ServerMessage,
} from "../../lib/protocol/message.ts";
import type { Message } from "./vectors.ts";

/**
 * One code point that UTF-8 can carry, so no surrogate; half of them ASCII, so that `:` and digits are
 * among them. fast-check's own "binary" takes a second to set up.
 */
export const codePoint: fc.Arbitrary<string> = fc.oneof(
  fc.nat(0x7f),
  fc.nat(0x10ffff - 0x800).map((point) => point < 0xd800 ? point : point + 0x800),
).map((point) => String.fromCodePoint(point));

/** Text of any code points: what UTF-8 can carry. */
export const text: fc.Arbitrary<string> = fc.string({ unit: codePoint, maxLength: 300 });

/** Any UTF-16, with lone surrogates more often than chance has it. */
export const utf16: fc.Arbitrary<string> = fc.array(
  fc.oneof(
    fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
    fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit)),
    fc.constantFrom("a", "è", "語", "🙂"),
  ),
  { maxLength: 100 },
).map((units) => units.join(""));

/** Sizes for `chunked`: mostly small, some 0. */
export const sizes: fc.Arbitrary<number[]> = fc.array(fc.nat(40), { maxLength: 60 });

const fieldOf = (maxLength: number) =>
  fc.string({ unit: codePoint, minLength: 1, maxLength })
    .map((name) => name.replaceAll(":", ";"));
const field = fieldOf(64);
/** Short enough that two of them fit a datagram, however they are escaped. */
const shortField = fieldOf(32);
const port = fc.integer({ min: 1, max: 65_535 });
const ipV4 = fc.ipV4();
const ip = fc.oneof(ipV4, fc.ipV6()).map((literal) => parseIp(literal) ?? "192.0.2.1");
const user = fc.record({ username: field, ip, udpPort: port });
const classicUser = fc.record({ username: field, ip: ipV4, udpPort: port });
/** So many hexadecimal digits, an even number. */
const hex = (digits: number) =>
  fc.uint8Array({ minLength: digits / 2, maxLength: digits / 2 }).map((bytes) => bytes.toHex());
const [session, offerId, nonce, publicKey, signature] = [
  hex(16),
  hex(32),
  hex(32),
  hex(64),
  hex(128),
];
const userKey = fc.record({ publicKey, kept: fc.boolean() });
const keyedUser = fc.record({
  username: field,
  ip,
  udpPort: port,
  session,
  key: fc.option(userKey, { nil: undefined }),
});
const capabilities = fc.array(fc.stringMatching(/^[a-z0-9-]{1,32}$/), { maxLength: 32 });
const token = fc.stringMatching(/^[0-9a-f]{1,16}$/);

const registers = (of: typeof user) => of.map((who) => ({ verb: "REGISTER", ...who } as const));
const broadcast = fc.record({ verb: fc.constant("BROADCAST" as const), username: field, text });
const quit = fc.constant({ verb: "QUIT" } as const);
const lists = (of: typeof user) =>
  fc.record({ verb: fc.constant("LIST" as const), users: fc.array(of, { maxLength: 5 }) });
const updates = (of: typeof user) =>
  fc.record({
    verb: fc.constant("UPDATE" as const),
    change: fc.constantFrom("JOIN" as const, "LEAVE" as const),
    user: of,
  });
const keyedJoin = fc.record({
  verb: fc.constant("UPDATE" as const),
  change: fc.constant("JOIN" as const),
  user: keyedUser,
});
const roster = fc.record({
  verb: fc.constant("ROSTER" as const),
  left: fc.nat(999_999_999),
  users: fc.array(keyedUser, { maxLength: 5 }),
});
const clientCaps = fc.record({ verb: fc.constant("CAPS" as const), nonce, capabilities });
const registryCaps = fc.record({
  verb: fc.constant("CAPS" as const),
  nonce,
  registryKey: publicKey,
  signature,
  capabilities,
});
const identity = fc.record({
  verb: fc.constant("IDENTITY" as const),
  username: field,
  key: userKey,
  signature,
});
const ping = fc.record({ verb: fc.constant("PING" as const), token });
const pong = fc.record({ verb: fc.constant("PONG" as const), token });
const number = fc.maxSafeNat();
const [epoch, resumeToken] = [hex(16), hex(32)];
const messageId = fc.record({
  run: hex(16),
  count: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
});
const say = fc.record({ verb: fc.constant("SAY" as const), id: messageId, text });
const resume = fc.record({
  verb: fc.constant("RESUME" as const),
  token: resumeToken,
  epoch,
  number,
  presence: number,
  ip,
  udpPort: port,
});
const welcome = fc.record({
  verb: fc.constant("WELCOME" as const),
  epoch,
  number,
  presence: number,
  token: resumeToken,
  grace: number,
  rate: number,
});
const said = fc.record({
  verb: fc.constant("SAID" as const),
  epoch,
  number,
  username: field,
  id: fc.option(messageId, { nil: undefined }),
  text,
});
const ack = fc.record({ verb: fc.constant("ACK" as const), id: messageId, epoch, number });
const nak = fc.record({ verb: fc.constant("NAK" as const), id: messageId, code: field, text });
const joined = fc.record({
  verb: fc.constant("JOINED" as const),
  presence: number,
  user: keyedUser,
});
const left = fc.record({ verb: fc.constant("LEFT" as const), presence: number, session });
const gap = fc.record({ verb: fc.constant("GAP" as const), missed: number, number });
const retry = fc.record({
  verb: fc.constant("RETRY" as const),
  seconds: fc.nat(3_600),
});
const observe = fc.constant({ verb: "OBSERVE" } as const);
const observed = fc.record({
  verb: fc.constant("OBSERVED" as const),
  ip,
  port,
  token: resumeToken,
  udpPorts: fc.array(port, { maxLength: 2 }),
});
const replay = fc.record({ verb: fc.constant("REPLAY" as const), count: number });
const replaying = fc.tuple(number, number).map(([a, b]) => ({
  verb: "REPLAYING" as const,
  count: Math.min(a, b),
  limit: Math.max(a, b),
}));
const past = fc.record({
  verb: fc.constant("PAST" as const),
  number,
  age: number,
  username: field,
  text,
});
const replayed = fc.record({ verb: fc.constant("REPLAYED" as const), count: number });
const [link, datagram] = [hex(32), fc.string({ unit: codePoint, minLength: 1, maxLength: 250 })];
const reason = fc.stringMatching(/^[a-z-]{1,32}$/);
const data = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => bytes.toBase64());
const relayed = [
  fc.record({ verb: fc.constant("RELAY" as const), link, data }),
  fc.record({ verb: fc.constant("TAKEN" as const), link, count: number }),
];
const relayRequests = [
  fc.record({ verb: fc.constant("PASS" as const), session, datagram }),
  fc.record({ verb: fc.constant("MEET" as const), session, link }),
  fc.record({ verb: fc.constant("PART" as const), link }),
  ...relayed,
];
const relayNotices = [
  fc.record({ verb: fc.constant("PASSED" as const), session, datagram }),
  fc.record({ verb: fc.constant("UNPASSED" as const), session, reason }),
  fc.record({
    verb: fc.constant("MET" as const),
    ...{ link, session, window: number, rate: number, total: number, seconds: number },
  }),
  fc.record({ verb: fc.constant("PARTED" as const), link, reason }),
  ...relayed,
];
const refusal = fc.record({ verb: fc.constant("ERROR" as const), code: field, text });
/** What passes to a classic client unchanged: nothing that is masked, in one piece. */
const printable = broadcast.map((message) => ({
  ...message,
  // deno-lint-ignore no-control-regex -- these characters are what the dialect masks.
  text: Array.from(message.text.replace(/[\x00-\x1f\x7f]/g, "")).slice(0, 250).join(""),
}));

const offer: fc.Arbitrary<Offer> = fc.record({
  kind: fc.constant("offer" as const),
  username: shortField,
  tcpPort: port,
  signed: fc.record({
    session,
    to: shortField,
    toSession: session,
    counter: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    offer: offerId,
    signature,
  }),
}, { requiredKeys: ["kind", "username", "tcpPort"] });
const answer: fc.Arbitrary<Answer> = fc.record({
  kind: fc.constant("answer" as const),
  offer: offerId,
  state: fc.constantFrom("pending", "accepted", "rejected", "expired"),
});
const observeRequest: fc.Arbitrary<ObserveRequest> = fc.record({
  kind: fc.constant("observe" as const),
  token: resumeToken,
});
const observation: fc.Arbitrary<Observation> = fc.record({
  kind: fc.constant("observed" as const),
  token: resumeToken,
  ip,
  port,
});
const linkIdentity = fc.record({
  name: field,
  key: fc.record({ publicKey, kept: fc.boolean() }),
  signature,
});
const total = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const pipes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 })
    .map((bytes) => ({ verb: "DATA" as const, bytes: new Uint8Array(bytes) })),
  fc.record({ verb: fc.constantFrom("END" as const, "DONE" as const), total, hash: hex(64) }),
  fc.record({ verb: fc.constant("ALIVE" as const), total }),
);
const privates = fc.oneof(
  fc.constant({ verb: "OPEN" } as const),
  fc.record({
    verb: fc.constant("TEXT" as const),
    number: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    text: text.filter((it) => it !== ""),
  }),
  fc.record({ verb: fc.constant("SEEN" as const), number: fc.maxSafeNat() }),
  fc.record({ verb: fc.constantFrom("PING" as const, "PONG"), number: fc.maxSafeNat() }),
  fc.record({
    verb: fc.constant("PATHS" as const),
    seen: fc.option(ip, { nil: undefined }),
    at: fc.array(fc.record({ ip, port }), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    verb: fc.constant("GO" as const),
    attempt: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    from: fc.record({ ip, port }),
  }),
  fc.record({
    verb: fc.constant("CLOSE" as const),
    reason: fc.stringMatching(/^[a-z-]{1,32}$/),
  }),
);

function of<K extends Message["kind"], V>(kind: K, value: fc.Arbitrary<V>) {
  return value.map((it) => ({ kind, value: it }));
}

/** A line end in a name or a text would make two lines of one. */
const oneLine = (value: ClientMessage | ServerMessage) => !formatMessage(value).includes("\r\n");

/** Messages of each kind, and only such as the kind can carry. */
export const MESSAGES: { readonly [K in Message["kind"]]: fc.Arbitrary<Message> } = {
  "client": of(
    "client",
    fc.oneof(
      ...[registers(user), broadcast, quit, clientCaps, identity, ping, pong],
      ...[say, resume, replay, observe],
      ...relayRequests,
    ),
  ),
  "server": of(
    "server",
    fc.oneof(
      ...[lists(user), updates(user), broadcast, refusal],
      ...[registryCaps, roster, keyedJoin, ping, pong],
      ...[welcome, said, ack, nak, joined, left, gap, retry],
      ...[replaying, past, replayed, observed],
      ...relayNotices,
    ),
  ),
  "classic client": of(
    "classic client",
    fc.oneof(registers(classicUser), broadcast).filter(oneLine),
  ),
  "classic server": of(
    "classic server",
    fc.oneof(lists(classicUser), updates(classicUser), printable).filter(oneLine),
  ),
  "datagram": of("datagram", fc.oneof(offer, answer, observeRequest, observation)),
  "link identity": of("link identity", linkIdentity),
  "private": of("private", privates),
  "pipe": of("pipe", pipes),
};
