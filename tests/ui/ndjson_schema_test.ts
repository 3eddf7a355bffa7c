/** `docs/ndjson.schema.json` knows every event and every command, with every field, and no others. */
import { DROP_REASONS } from "../../lib/peer/drops.ts";
import { SESSION_REASONS } from "../../lib/peer/reasons.ts";
import { Counters } from "../../lib/registry/counters.ts";
import { CommandError, parseLine } from "../../lib/ui/command_line.ts";
import { toJsonLine } from "../../lib/ui/escape.ts";
import document from "../../docs/ndjson.schema.json" with { type: "json" };
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { definitionsOf, faultOf, type LineKind, listOf } from "../support/ndjson_schema.ts";
import { testWith } from "../support/permitted.ts";
import { ROOT } from "../support/program.ts";

const KINDS: readonly LineKind[] = ["client-event", "command", "server-event", "doctor-event"];
/** What the program adds to each event of a registry. */
const ADDED = ["time", "skipped"];

interface Fields {
  readonly all: string[];
  readonly required: string[];
}

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT)).replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
}

/** The fields of a block of `readonly name?: type;`, those inside of others left out. */
function fieldsOf(block: string): Fields {
  const flat = block.replace(/\([^()]*\{[^{}]*\}[^()]*\)|\{[^{}]*\}/g, "");
  const found = Array.from(flat.matchAll(/readonly (\w+)(\??):/g));
  return {
    all: found.map(([, name = ""]) => name).sort(),
    required: found.filter(([, , mark]) => mark === "").map(([, name = ""]) => name).sort(),
  };
}

/** The events whose blocks a source holds. */
function eventsOf(blocks: Iterable<string>): Map<string, Fields> {
  const events = new Map<string, Fields>();
  for (const block of blocks) {
    const [, names] = /readonly event: ([^;}]+)/.exec(block) ?? [];
    for (const [, name = ""] of (names ?? "").matchAll(/"([\w-]+)"/g)) {
      events.set(name, fieldsOf(block));
    }
  }
  return events;
}

/** Those of the union `ClientEvent`. */
function clientEvents(): Map<string, Fields> {
  const source = read("lib/peer/events.ts");
  const bodies = new Map(
    Array.from(
      source.matchAll(/export interface (\w+)([^{]*)\{\n([^]*?)\n\}/g),
      ([, name = "", base = "", body = ""]) => [name, { base, body }],
    ),
  );
  const peer = `${read("lib/protocol/user.ts").match(/interface User \{([^]*?)\n\}/)?.[1]}${
    bodies.get("Peer")?.body
  }`;
  const [, union = ""] = /export type ClientEvent =([^;]*);/.exec(source) ?? [];
  return eventsOf(Array.from(union.matchAll(/\w+/g), ([name]) => {
    const { base = "", body = "" } = bodies.get(name) ?? {};
    assert(body !== "", `lib/peer/events.ts: where is ${name}?`);
    return base.includes("extends Peer") ? body + peer : body;
  }));
}

/** Those of a registry and of its program. */
function serverEvents(): Map<string, Fields> {
  const source = read("lib/registry/events.ts") + read("lib/ui/server_log.ts");
  const events = eventsOf(
    Array.from(source.matchAll(/\| \{([^{}]*)\}/g), ([, block = ""]) => block),
  );
  for (const { all, required } of events.values()) {
    all.push("time");
    required.push("time");
  }
  events.get("error")?.all.push("skipped");
  return events.set("forgotten", { all: ["event", "username"], required: ["event", "username"] });
}

/** The names that `parseJson` takes. */
function commands(): string[] {
  const [, body = ""] = /function parseJson([^]*?)\n\}/.exec(read("lib/ui/command_line.ts")) ?? [];
  return Array.from(body.matchAll(/case "(\w+)":/g), ([, name = ""]) => name);
}

for (
  const [kind, where, events] of [
    ["client-event", "lib/peer/events.ts", clientEvents],
    ["server-event", "lib/registry/events.ts, lib/ui/server_log.ts", serverEvents],
  ] as const
) {
  testWith(["read"], `schema: every ${kind} with its fields is there, and no other`, () => {
    const told = events();
    const known = definitionsOf(kind);
    const hint = `${where} and docs/ndjson.schema.json differ`;
    assertEquals([...known.keys()].sort(), [...told.keys()].sort(), hint);
    assert(told.size >= 9, "they were found at all");
    for (const [name, { all, required }] of told) {
      const { properties, required: needed } = known.get(name) ?? { properties: {}, required: [] };
      assertEquals(Object.keys(properties).sort(), all.sort(), `${hint}: fields of ${name}`);
      assertEquals([...needed].sort(), required.sort(), `${hint}: required of ${name}`);
    }
  });
}

testWith(["read"], "schema: every JSON command of the parser is there, and no other", () => {
  assertEquals([...definitionsOf("command").keys()].sort(), commands().sort());
  assert(commands().length >= 15, "they were found at all");
});

Deno.test("schema: its lists of reasons are those of the code", () => {
  const { sessionReason, closeReason } = document.$defs;
  assertEquals(sessionReason.enum.toSorted(), [...SESSION_REASONS].sort());
  assertEquals(closeReason.enum.toSorted(), Object.keys(new Counters().closes).sort());
  for (const reason of DROP_REASONS) assert(/^[a-z-]+$/.test(reason));
});

for (const kind of KINDS) {
  Deno.test(`schema: ${kind}: each is in the list, has examples, and holds them and not their faults`, () => {
    const definitions = definitionsOf(kind);
    assertEquals(listOf(kind), [...definitions.keys()], "as they stand in the file");
    for (const [name, { examples, required }] of definitions) {
      assert(examples.length > 0, `${kind} ${name} has an example`);
      for (const example of examples) {
        assertEquals(faultOf(kind, toJsonLine(example)), undefined);
        assertEquals(faultOf(kind, toJsonLine({ ...example, addedLater: [1] })), undefined);
        for (const field of required) {
          const { [field]: _, ...without } = example;
          assert(faultOf(kind, toJsonLine(without)), `${name} without ${field}`);
          const wrong = { ...example, [field]: { not: "this" } };
          assert(faultOf(kind, toJsonLine(wrong)), `${name} with another ${field}`);
        }
      }
    }
  });
}

Deno.test("schema: every reference in it leads somewhere, and no field is shut out", () => {
  const text = JSON.stringify(document);
  for (const [, name = ""] of text.matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)) {
    assert(Object.hasOwn(document.$defs, name), name);
  }
  assert(!text.includes('"additionalProperties":false'));
  assert(!text.includes('"unevaluatedProperties"'));
});

Deno.test("schema: JSON commands: the examples are taken, without a field they are not", () => {
  for (const { examples, required } of definitionsOf("command").values()) {
    for (const example of examples) {
      assertEquals<unknown>(parseLine(JSON.stringify(example), { json: true }), example);
      for (const field of required) {
        const { [field]: _, ...without } = example;
        assertThrows(() => parseLine(JSON.stringify(without), { json: true }), CommandError);
      }
    }
  }
});

Deno.test("schema: what it does not know is named, with what to do", () => {
  const fault = faultOf("client-event", '{"event":"brand-new"}') ?? "";
  assert(fault.includes('knows no client-event "brand-new": add $defs/client-event-brand-new'));
  assert(faultOf("server-event", "listening on port 1")?.startsWith("not JSON"));
  for (const line of ["null", "[]", "1", "{}"]) assert(faultOf("client-event", line), line);
  assertEquals(
    ADDED.filter((field) =>
      field in (definitionsOf("server-event").get("error")
        ?.properties ?? {})
    ),
    ADDED,
  );
});
