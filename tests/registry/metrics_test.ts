/** What `--metrics` answers, and how little of it others can take. */
import { Counters } from "../../lib/registry/counters.ts";
import { formatMetrics, type Gauges } from "../../lib/registry/metrics.ts";
import { Scrapes } from "../../lib/registry/scrapes.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";

const GAUGES: Gauges = {
  users: 900_001,
  connections: 900_002,
  relayLinks: 900_006,
  relayQueued: 900_007,
  residentBytes: 900_003,
  usedBytes: 800_003,
  cpuSeconds: 900_004.5,
  startedAt: 900_005.25,
};

/** Each sample of a text in the format 0.0.4, by name and labels; what is not of that form throws. */
function samplesOf(text: string): Map<string, number> {
  assert(text.endsWith("\n"), "ends a line");
  const samples = new Map<string, number>();
  let family = "";
  let kind = "";
  for (const line of text.trimEnd().split("\n")) {
    const help = /^# HELP ([a-z_]+) [A-Z].*\.$/.exec(line);
    const type = /^# TYPE ([a-z_]+) (counter|gauge)$/.exec(line);
    const sample = /^([a-z_]+)((?:\{[a-z]+="[a-z0-9.-]+"\})?) (\d+(?:\.\d+)?)$/.exec(line);
    if (help) [, family = ""] = help;
    else if (type) {
      assertEquals(type[1], family);
      kind = type[2] ?? "";
      assertEquals(family.endsWith("_total"), kind === "counter", family);
    } else {
      const [, name = "", labels = "", value] = sample ?? [];
      assertEquals(name, family, line);
      assert(!samples.has(name + labels), `${name}${labels} twice`);
      samples.set(name + labels, Number(value));
    }
  }
  return samples;
}

/** Counters of which no two are equal, and what each was set to. */
function distinct(): { counters: Counters; numbers: number[] } {
  const counters = new Counters();
  const numbers: number[] = [];
  const next = (): number => {
    numbers.push(1_000 + numbers.length);
    return 1_000 + numbers.length - 1;
  };
  for (const [name, value] of Object.entries(counters)) {
    if (typeof value === "number") Object.assign(counters, { [name]: next() });
    else for (const label of Object.keys(value)) Object.assign(value, { [label]: next() });
  }
  return { counters, numbers };
}

Deno.test("metrics: every counter and gauge is told once, in the format of Prometheus", () => {
  const { counters, numbers } = distinct();
  const told = [...samplesOf(formatMetrics(counters, GAUGES))];
  const values = told.filter(([name]) => !name.startsWith("confab_build_info")).map(([, value]) =>
    value
  );
  assertEquals(values.toSorted(), [...numbers, ...Object.values(GAUGES)].toSorted());
});

Deno.test("metrics: a few of them by name; units and labels", () => {
  const { counters } = distinct();
  const samples = samplesOf(formatMetrics(counters, GAUGES));
  assertEquals(samples.get("confab_users"), GAUGES.users);
  assertEquals(samples.get("confab_deliveries_total"), counters.deliveries);
  assertEquals(samples.get("confab_sent_bytes_total"), counters.bytesOut);
  assertEquals(samples.get("confab_received_bytes_total"), counters.bytesIn);
  assertEquals(samples.get("confab_queue_high_water_bytes"), counters.queueHighWater);
  assertEquals(
    samples.get('confab_connections_closed_total{reason="slow"}'),
    counters.closes.slow,
  );
  assertEquals(samples.get('confab_refusals_total{code="slow"}'), counters.refused.slow);
  assertEquals(samples.get("process_resident_memory_bytes"), GAUGES.residentBytes);
  assertEquals(samples.get("confab_memory_used_bytes"), GAUGES.usedBytes);
});

Deno.test("metrics: all labels are there from the start, as 0; memory that is not known is not", () => {
  const samples = samplesOf(formatMetrics(new Counters(), { ...GAUGES, residentBytes: 0 }));
  assertEquals(samples.get('confab_connections_closed_total{reason="taken-over"}'), 0);
  assertEquals(samples.get('confab_refusals_total{code="flood"}'), 0);
  assertEquals(samples.has("process_resident_memory_bytes"), false);
});

Deno.test("counters: the high-water mark only rises", () => {
  const counters = new Counters();
  for (const bytes of [5, 70, 6, 0]) counters.queued(bytes);
  assertEquals(counters.queueHighWater, 70);
});

/** The far end of one connection to the port of `--metrics`. */
class Scraper {
  readonly id: number;
  readonly #scrapes: Scrapes;
  answer = "";
  isEnded = false;
  isAborted = false;

  constructor(scrapes: Scrapes, now = 0) {
    this.#scrapes = scrapes;
    this.id = scrapes.open({
      send: (bytes) => {
        assert(!this.isEnded && !this.isAborted, "nothing is sent after the end");
        this.answer += new TextDecoder().decode(bytes);
      },
      end: () => this.isEnded = true,
      abort: () => this.isAborted = true,
    }, now);
  }

  say(text: string | Uint8Array): this {
    this.#scrapes.receive(this.id, typeof text === "string" ? encode(text) : text);
    return this;
  }

  hangUp(): void {
    this.#scrapes.ended(this.id);
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function serving(isServing = true): Scrapes {
  return new Scrapes({ metrics: () => "numbers ü\n", isServing: () => isServing });
}

const OK = "HTTP/1.1 200 OK";
const REQUESTS: readonly [request: string, status: string, body: string][] = [
  ["GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", OK, "numbers ü\n"],
  ["GET /metrics?a=b HTTP/1.0\r\n\r\n", OK, "numbers ü\n"],
  ["GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", OK, "ok\n"],
  ["GET /healthz HTTP/1.0\n\n", OK, "ok\n"],
  ["GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found", ""],
  ["GET /metrics/ HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found", ""],
  ["POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 405 Method Not Allowed", ""],
  ["HEAD /healthz HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed", ""],
  ["\r\n\r\n", "HTTP/1.1 400 Bad Request", ""],
  ["GET /metrics\r\n\r\n", "HTTP/1.1 400 Bad Request", ""],
  ["GET /metrics HTTP/2.0\r\n\r\n", "HTTP/1.1 400 Bad Request", ""],
  [`GET /${"a".repeat(9_000)}`, "HTTP/1.1 431 Request Header Fields Too Large", ""],
];

for (const [request, status, body] of REQUESTS) {
  const shown = JSON.stringify(request.slice(0, 60));
  for (const size of [request.length, 1]) {
    Deno.test(`scrape, ${size === 1 ? "byte by byte" : "whole"}: ${shown}: ${status}`, () => {
      const scraper = new Scraper(serving());
      const bytes = encode(request);
      for (let at = 0; at < bytes.length; at += size) scraper.say(bytes.subarray(at, at + size));
      const [head = "", told] = scraper.answer.split("\r\n\r\n");
      assertEquals([head.split("\r\n")[0], told, scraper.isEnded], [status, body, true]);
      assertMatch(head, new RegExp(`^Content-Length: ${encode(body).length}$`, "m"));
      scraper.say("GET /metrics HTTP/1.1\r\n\r\n");
      assertEquals(scraper.answer.split("HTTP/1.1").length, 2, "one answer a connection");
    });
  }
}

Deno.test("scrape: /healthz says closing once the registry is stopping", () => {
  const { answer } = new Scraper(serving(false)).say("GET /healthz HTTP/1.1\r\n\r\n");
  assertMatch(answer, /^HTTP\/1\.1 503 Service Unavailable\r\n[^]*\r\n\r\nclosing\n$/);
});

Deno.test("scrape: who says nothing, or takes nothing, is ended after 5 s", () => {
  const scrapes = serving();
  assertEquals(scrapes.nextTimeout(), undefined);
  const silent = new Scraper(scrapes, 100);
  const deaf = new Scraper(scrapes, 200).say("GET /metrics HTTP/1.1\r\n\r\n");
  assertEquals(scrapes.nextTimeout(), 5_100);
  scrapes.timeout(5_100);
  assertEquals([silent.isAborted, deaf.isAborted, scrapes.nextTimeout()], [true, false, 5_200]);
  deaf.hangUp();
  assertEquals(scrapes.nextTimeout(), undefined);
});

Deno.test("scrape: a ninth connection at a time closes the oldest, and is served", () => {
  const scrapes = serving();
  const silent = Array.from({ length: 8 }, (_, now) => new Scraper(scrapes, now));
  assert(silent.every(({ isAborted }) => !isAborted));
  const ninth = new Scraper(scrapes, 8);
  assertEquals(silent.map(({ isAborted }) => isAborted), [true, ...Array(7).fill(false)]);
  assertMatch(ninth.say("GET /metrics HTTP/1.1\r\n\r\n").answer, /numbers/);
  silent[0]?.say("GET /metrics HTTP/1.1\r\n\r\n");
  assertEquals(silent[0]?.answer, "", "who was closed is not heard");
});

Deno.test("scrape: any bytes in any pieces get at most one answer, and no exception", () => {
  const seed = seedOfRun();
  const dice = new Dice(seed);
  const parts = ["GET ", "/metrics", " HTTP/1.1", "\r\n", "\n", "\r\n\r\n", "?", "\0", "ü", " "];
  for (let run = 0; run < 500; run++) {
    const scraper = new Scraper(serving());
    for (let piece = dice.below(30); piece > 0; piece--) {
      scraper.say(dice.below(4) === 0 ? dice.bytes(dice.below(3_000)) : dice.pick(parts));
    }
    const statuses = scraper.answer.match(/HTTP\/1\.1 (200|400|404|405|431) /g)?.length ?? 0;
    assertEquals(statuses, scraper.isEnded ? 1 : 0, `seed ${seed}, run ${run}`);
  }
});
