import fc from "fast-check";
import { assert, assertEquals } from "../support/assert.ts";
import {
  formatIp,
  isLoopback,
  isNoHost,
  isV6,
  limitKey,
  parseIp,
  parsePort,
  sameHost,
} from "../../lib/protocol/address.ts";

const SPELLINGS: Record<string, string> = {
  "0.0.0.0": "0.0.0.0",
  "127.0.0.1": "127.0.0.1",
  "255.255.255.255": "255.255.255.255",
  "::": "::",
  "0:0:0:0:0:0:0:0": "::",
  "::1": "::1",
  "0000::0001": "::1",
  "2001:DB8:0:0:0:0:0:5": "2001:db8::5",
  "2001:db8:0:1:1:1:1:1": "2001:db8:0:1:1:1:1:1",
  "2001:db8:0:0:1:0:0:1": "2001:db8::1:0:0:1",
  "1:0:0:2:0:0:0:3": "1:0:0:2::3",
  "1:2:3:4:5:6:7::": "1:2:3:4:5:6:7:0",
  "::ffff:192.0.2.1": "192.0.2.1",
  "::FFFF:c000:201": "192.0.2.1",
  "0:0:0:0:0:ffff:192.0.2.1": "192.0.2.1",
  "64:ff9b::192.0.2.1": "64:ff9b::c000:201",
  "::ffff:0:192.0.2.1": "::ffff:0:c000:201",
  // Not the mapped ::ffff:0:0/96 but the ::/96 that RFC 4291 gave up: an IPv6 address like any other.
  "0::192.0.2.1": "::c000:201",
  "::c000:201": "::c000:201",
  "::192.0.2.1": "::c000:201",
  "::127.0.0.1": "::7f00:1",
};
for (const [text, ip] of Object.entries(SPELLINGS)) {
  Deno.test(`parseIp: ${text} is ${ip}`, () => {
    assertEquals(parseIp(text), ip);
    assertEquals(parseIp(ip), ip, "and stays so");
  });
}

const NO_IPS = [
  ...["", " ", "localhost", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4", "1.2.3.+4"],
  ...["01.2.3.4", "1.2.3.04", "0x7f.0.0.1", "2130706433", "127.1", "1.2.3.4 ", " 1.2.3.4"],
  ...["1.2.3.4\n", "1.2.3.4:80", "[1.2.3.4]", "١.2.3.4", ":", ":::", "::1\n", "[::1]", "12345::"],
  ...["1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "::00001", "::g", "::1/64", "::1%eth0"],
  ...["fe80::1%", "::ffff:1.2.3", "::ffff:1.2.3.256", "::ffff:01.2.3.4", "1.2.3.4::"],
];
for (const text of NO_IPS) {
  Deno.test(`parseIp: ${JSON.stringify(text)} is none`, () => {
    assertEquals(parseIp(text), undefined);
  });
}

const anyIp = fc.oneof(fc.ipV4(), fc.ipV6());

Deno.test("parseIp: knows every literal, and its spelling of one is its own spelling", () => {
  fc.assert(
    fc.property(anyIp, (text) => {
      const ip = parseIp(text);
      assert(ip !== undefined);
      assertEquals(parseIp(ip), ip);
      assertEquals(parseIp(text.toUpperCase()), ip);
    }),
    { numRuns: 500 },
  );
});

Deno.test("parseIp: a value or undefined for any text", () => {
  const almost = fc.string({ unit: fc.constantFrom(..."0123456789abcdef:.%[]") });
  fc.assert(
    fc.property(fc.oneof(almost, fc.string()), (text) => {
      const ip = parseIp(text);
      assert(ip === undefined || parseIp(ip) === ip);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("formatIp: IPv6 in brackets, IPv4 as it is", () => {
  assertEquals(formatIp("2001:db8::5"), "[2001:db8::5]");
  assertEquals(formatIp("192.0.2.1"), "192.0.2.1");
  assertEquals([isV6("::1"), isV6("127.0.0.1")], [true, false]);
});

const KINDS: Record<string, "loopback" | "no host" | "host"> = {
  "127.0.0.1": "loopback",
  "127.255.255.254": "loopback",
  "::1": "loopback",
  "126.255.255.255": "host",
  "128.0.0.1": "host",
  "::2": "host",
  "0.0.0.0": "no host",
  "::": "no host",
  "224.0.0.1": "no host",
  "239.255.255.255": "no host",
  "ff02::1": "no host",
  "255.255.255.255": "no host",
  "10.0.0.1": "host",
  "192.168.1.255": "host",
  "169.254.1.1": "host",
  "223.255.255.255": "host",
  "fe80::1": "host",
  "fd00::1": "host",
  "2001:db8::5": "host",
};
for (const [ip, kind] of Object.entries(KINDS)) {
  Deno.test(`${ip} is ${kind}`, () => {
    const expected = { loopback: kind === "loopback", noHost: kind === "no host" };
    assertEquals({ loopback: isLoopback(ip), noHost: isNoHost(ip) }, expected);
  });
}

Deno.test("sameHost: equal, or both loopback", () => {
  assert(sameHost("192.0.2.1", "192.0.2.1"));
  assert(sameHost("127.0.0.1", "::1"));
  assert(sameHost("::1", "127.8.9.10"));
  assert(!sameHost("192.0.2.1", "192.0.2.2"));
  assert(!sameHost("127.0.0.1", "192.0.2.1"));
  assert(!sameHost("::1", "::2"));
});

Deno.test("limitKey: an IPv4 address, an IPv6 /64", () => {
  assertEquals(limitKey("192.0.2.1"), "192.0.2.1");
  assertEquals(limitKey("2001:db8:1:2::5"), limitKey("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  const parties = ["192.0.2.1", "192.0.2.2", "2001:db8:1:2::5", "2001:db8:1:3::5", "::1", "0:1::1"];
  assertEquals(new Set(parties.map(limitKey)).size, parties.length);
});

Deno.test("parsePort: 1 to 65535 in decimal, one spelling each", () => {
  for (const port of [1, 9, 10, 80, 9_999, 10_000, 65_535]) {
    assertEquals(parsePort(String(port)), port);
  }
  const none = ["", "0", "00", "01", "+1", "-1", " 1", "1 ", "1\n", "1.0", "1e3", "0x10", "65536"];
  for (const text of [...none, "99999", "100000", "4294967297", "١", "１", "port"]) {
    assertEquals(parsePort(text), undefined, JSON.stringify(text));
  }
});
