import fc from "fast-check";
import { assert, assertEquals } from "../support/assert.ts";
import { TokenBucket } from "../../lib/protocol/token_bucket.ts";

Deno.test("TokenBucket: the burst at once, then the rate", () => {
  const bucket = new TokenBucket(10, 3);
  const granted = [0, 0, 0, 0, 99, 100, 100, 199, 200, 10_000, 10_000, 10_000, 10_000]
    .map((now) => bucket.take(1, 5_000 + now));
  assertEquals(granted, [
    ...[true, true, true, false], // at 0
    ...[false, true, false, false, true], // one each 100 ms
    ...[true, true, true, false], // full again, and never more than full
  ]);
});

Deno.test("TokenBucket: full at any first time, whatever the clock began with", () => {
  for (const now of [0, 1, 1e12, 0.25]) {
    const bucket = new TokenBucket(1, 2);
    assertEquals([bucket.take(2, now), bucket.take(1, now)], [true, false], `at ${now}`);
  }
});

Deno.test("TokenBucket: what is refused takes nothing", () => {
  const bucket = new TokenBucket(1, 5);
  assert(!bucket.take(6, 0));
  assert(bucket.take(5, 0));
  assert(!bucket.take(2, 1_000));
  assert(bucket.take(1, 1_000));
});

Deno.test("TokenBucket: no units are always there", () => {
  const bucket = new TokenBucket(1, 1);
  assert(bucket.take(1, 0));
  assert(bucket.take(0, 0));
  assertEquals(bucket.wait(0, 0), 0);
});

Deno.test("TokenBucket: a clock that steps back gives nothing", () => {
  const bucket = new TokenBucket(1_000, 1);
  assert(bucket.take(1, 5_000));
  assert(!bucket.take(1, 4_000));
});

Deno.test("TokenBucket: wait, in whole milliseconds, takes nothing", () => {
  const bucket = new TokenBucket(8, 4);
  assertEquals(bucket.wait(4, 0), 0);
  assert(bucket.take(4, 0));
  assertEquals(bucket.wait(1, 0), 125);
  assertEquals(bucket.wait(1, 0), 125);
  assertEquals(bucket.wait(1, 100), 25);
  assertEquals(bucket.wait(1, 124.5), 1);
  assertEquals(bucket.wait(1, 125), 0);
  assertEquals(bucket.wait(4, 125), 375);
  assertEquals(bucket.wait(1_000, 125), 375, "more than the burst: until the bucket is full");
  assertEquals(bucket.wait(1_000, 500), 0);
});

const rate = fc.integer({ min: 1, max: 40_000 });
const steps = fc.array(
  fc.record({
    units: fc.nat(30),
    pause: fc.oneof(fc.nat(500), fc.double({ min: 0, max: 5, noNaN: true })),
  }),
  { minLength: 1, maxLength: 100 },
);

Deno.test("TokenBucket: in no stretch of time more than burst + rate * time", () => {
  fc.assert(
    fc.property(rate, fc.nat(50), fc.nat(1_000_000), steps, (perSecond, burst, start, asks) => {
      const bucket = new TokenBucket(perSecond, burst);
      const grants: { at: number; units: number }[] = [];
      let now = start;
      for (const { units, pause } of asks) {
        now += pause;
        grants.push({ at: now, units: bucket.take(units, now) ? units : 0 });
      }
      for (const [index, first] of grants.entries()) {
        let sum = 0;
        for (const { at, units } of grants.slice(index)) {
          sum += units;
          const most = burst + perSecond * (at - first.at) / 1_000;
          assert(sum <= most + 1e-6, `${sum} of at most ${most} from ${first.at} to ${at}`);
        }
      }
    }),
  );
});

Deno.test("TokenBucket: what was waited for is there, for a rate that no float holds", () => {
  for (
    const [perSecond, burst, first, pause] of [[175, 7, 1_006, 6], [1, 5, 1_000, 153]] as const
  ) {
    const bucket = new TokenBucket(perSecond, burst);
    assert(bucket.take(burst, first));
    bucket.wait(0, first + pause);
    const now = first + pause + bucket.wait(burst, first + pause);
    assert(bucket.take(burst, now), `${burst} at ${perSecond} a second, in vain`);
  }
});

Deno.test("TokenBucket: what was waited for is there, and was not there 2 ms before", () => {
  fc.assert(
    fc.property(rate, fc.integer({ min: 1, max: 30 }), steps, (perSecond, burst, asks) => {
      const bucket = new TokenBucket(perSecond, burst);
      let now = 1_000;
      for (const { units, pause } of asks) {
        now += pause;
        const wanted = Math.min(units, burst);
        const wait = bucket.wait(wanted, now);
        if (wait > 2) assert(!bucket.take(wanted, now + wait - 2), "it was there before");
        now += wait;
        assert(bucket.take(wanted, now), `waited ${wait} ms for ${wanted}, in vain`);
      }
    }),
  );
});
