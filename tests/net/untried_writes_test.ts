import { UntriedWrites } from "../../lib/net/untried_writes.ts";
import { assertEquals } from "../support/assert.ts";
import { Inbox } from "../support/eventually.ts";

Deno.test("untried writes: with none, it is the end of the turn", async () => {
  const order: string[] = [];
  const untried = new UntriedWrites();
  untried.whenNone(() => order.push("then"));
  order.push("now");
  await Promise.resolve();
  assertEquals(order, ["now", "then"]);
});

Deno.test("untried writes: all who wait are called once the last write is tried, in order", async () => {
  const order: string[] = [];
  const untried = new UntriedWrites();
  const [first, second] = [untried.begun(), untried.begun()];
  untried.whenNone(() => order.push("one"));
  untried.whenNone(() => order.push("two"));
  untried.tried(first);
  await Promise.resolve();
  assertEquals(order, []);
  untried.tried(second);
  assertEquals(order, [], "not in the middle of somebody's write");
  await Promise.resolve();
  assertEquals(order, ["one", "two"]);
});

Deno.test("untried writes: nobody waits for a write that does not end, but for those after it", async () => {
  const over = new Inbox<string>("untried");
  const untried = new UntriedWrites();
  const stuck = untried.begun();
  untried.whenNone(() => over.push("without it"));
  await over.next((each) => each === "without it");

  const next = untried.begun();
  untried.whenNone(() => over.push("next"));
  // It ends at last: that must not be taken for the other's end.
  untried.tried(stuck);
  await Promise.resolve();
  assertEquals(over.all, ["without it"]);
  untried.tried(next);
  await Promise.resolve();
  assertEquals(over.all, ["without it", "next"]);
});
