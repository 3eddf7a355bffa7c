import { assertEquals, assertThrows } from "../support/assert.ts";
import { ProtocolError } from "../../lib/protocol/error.ts";
import { Fields } from "../../lib/protocol/fields.ts";
import { NO_NUMBER } from "./malformed.ts";

function refused(read: () => unknown): void {
  assertEquals(assertThrows(read, ProtocolError).code, "bad-message");
}

Deno.test("Fields: from left to right; an empty field is a field, a missing one is none", () => {
  const fields = new Fields("a::b:");
  assertEquals([fields.next(), fields.next(), fields.next()], ["a", "", "b"]);
  assertEquals(fields.ended, false);
  assertEquals(fields.next(), "");
  assertEquals(fields.ended, true);
  refused(() => fields.next());
  refused(() => fields.rest());
  refused(() => fields.ip());
  refused(() => fields.port());
  refused(() => fields.number());
  refused(() => fields.hex(2));
});

Deno.test("Fields: an empty payload is one empty field", () => {
  const fields = new Fields("");
  assertEquals([fields.ended, fields.next(), fields.ended], [false, "", true]);
});

Deno.test("Fields: the rest holds any character, or nothing", () => {
  const after = (text: string) => {
    const fields = new Fields(text);
    fields.next();
    const rest = fields.rest();
    fields.end();
    return rest;
  };
  assertEquals([after("a:b:c:"), after("a::"), after("a:")], ["b:c:", ":", ""]);
});

Deno.test("Fields: end refuses one field more, also an empty one", () => {
  for (const text of ["a:", "a:b"]) {
    const fields = new Fields(text);
    fields.next();
    refused(() => fields.end());
  }
  const whole = new Fields("a");
  whole.next();
  whole.end();
});

const IPS: [text: string, ip: string, rest: string | undefined][] = [
  ["192.0.2.1", "192.0.2.1", undefined],
  ["192.0.2.1:5001", "192.0.2.1", "5001"],
  ["[::1]", "::1", undefined],
  ["[::1]:", "::1", ""],
  ["[::1]:5001:[::2]:1", "::1", "5001:[::2]:1"],
  ["[::FFFF:192.0.2.1]:1", "192.0.2.1", "1"],
];
for (const [text, ip, rest] of IPS) {
  Deno.test(`Fields.ip: ${text} is ${ip}, with ${rest ?? "nothing"} left`, () => {
    const fields = new Fields(text);
    assertEquals(fields.ip(), ip);
    assertEquals(fields.ended ? undefined : fields.rest(), rest);
  });
}

const NO_IPS = [
  ...["", ":", "x", "::1", "::1:5001", "[", "]", "[]", "[]:1", "[::1", "[::1:5001", "::1]:5001"],
  ...["[::1]x", "[::1]x:1", "x[::1]:1", "[[::1]]", "[[::1]", "[::1]]", "[::1%eth0]:1", "[:]:1"],
  ...["[192.0.2.1]", "[192.0.2.1]:1", "[192.0.2.1", "[::1]5001", " [::1]:1", "[::1] :1"],
];
for (const text of NO_IPS) {
  Deno.test(`Fields.ip: ${JSON.stringify(text)} is refused`, () => {
    refused(() => new Fields(text).ip());
  });
}

Deno.test("Fields.port: a port, or refused", () => {
  assertEquals(new Fields("65535:x").port(), 65_535);
  for (const text of ["", "0", "65536", "+1", "01", "x"]) refused(() => new Fields(text).port());
});

Deno.test("Fields.number: 0 to 2^53 - 1 in decimal, in one spelling, or refused", () => {
  const fields = new Fields("0:1:10:9:9007199254740990:9007199254740991:x");
  const numbers = Array.from({ length: 6 }, () => fields.number());
  assertEquals(numbers, [0, 1, 10, 9, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER]);
  assertEquals(fields.rest(), "x");
  for (const text of NO_NUMBER) {
    refused(() => new Fields(text).number());
    refused(() => new Fields(`${text}:1`).number());
  }
});

Deno.test("Fields.hex: exactly so many lower-case hexadecimal digits, or refused", () => {
  const fields = new Fields("00:0123456789abcdef:x");
  assertEquals([fields.hex(2), fields.hex(16), fields.rest()], ["00", "0123456789abcdef", "x"]);
  const none = ["", "0", "000", "0A", "AB", "0g", "g0", " 0", "0 ", "0\n", "\n0", "+1", "-1", "0x"];
  for (const text of [...none, "٠٠", "００", "é", "🙂", ":00", "0:0"]) {
    refused(() => new Fields(text).hex(2));
    refused(() => new Fields(`${text}:00`).hex(2));
  }
});
