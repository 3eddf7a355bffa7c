import { LineHistory, MAX_LENGTH, MAX_LINES } from "../../lib/store/line_history.ts";
import { MemoryStore } from "../../lib/store/store.ts";
import { assert, assertEquals } from "../support/assert.ts";

Deno.test("history: what is not private is there the next time", () => {
  const store = new MemoryStore();
  const history = new LineHistory(store, false);
  history.add("one", false);
  history.add("/chat bob secret", true);
  history.add("two", false);
  history.add("two", false);
  assertEquals(history.lines, ["one", "/chat bob secret", "two"]);
  assertEquals(new LineHistory(store, false).lines, ["one", "two"]);
  assert(!store.get("history/lines")?.includes("secret"));
});

Deno.test("history: private lines are kept if that is asked for", () => {
  const store = new MemoryStore();
  new LineHistory(store, true).add("/chat bob secret", true);
  assertEquals(new LineHistory(store, true).lines, ["/chat bob secret"]);
});

Deno.test("history: two programs of one profile lose nothing of each other", () => {
  const store = new MemoryStore();
  const [a, b] = [new LineHistory(store, false), new LineHistory(store, false)];
  assertEquals([a.lines, b.lines], [[], []]);
  a.add("a", false);
  b.add("b", false);
  a.add("c", false);
  assertEquals(new LineHistory(store, false).lines, ["a", "b", "c"]);
});

Deno.test("history: bounded in lines and in length", () => {
  const store = new MemoryStore();
  const history = new LineHistory(store, false);
  for (let i = 0; i < MAX_LINES + 10; i++) history.add(`line ${i}`, false);
  assertEquals(history.lines.length, MAX_LINES);
  assertEquals(history.lines[0], "line 10");
  for (let i = 0; i < 100; i++) history.add(`${i}${"x".repeat(4_096)}`, false);
  assert(history.lines.join("").length <= MAX_LENGTH);
  assert((store.get("history/lines")?.length ?? 0) < 2 * MAX_LENGTH);
});

for (
  const bad of ["", "{", "[]", "null", '{"v":2,"lines":["x"]}', '{"v":1,"lines":[1]}', '{"v":1}']
) {
  Deno.test(`history: what is stored as ${JSON.stringify(bad)} is no history, and is replaced`, () => {
    const store = new MemoryStore();
    store.set("history/lines", bad);
    const history = new LineHistory(store, false);
    assertEquals(history.lines, []);
    history.add("new", false);
    assertEquals(new LineHistory(store, false).lines, ["new"]);
  });
}
