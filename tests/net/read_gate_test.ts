import { ReadGate } from "../../lib/net/read_gate.ts";
import { assert, assertEquals } from "../support/assert.ts";

Deno.test("read gate: what waits passes in order, and no further than it is closed again", async () => {
  const gate = new ReadGate();
  const passed: string[] = [];
  gate.close();
  const first = gate.passed(() => passed.push("first"));
  const second = gate.passed(() => {
    passed.push("second");
    gate.close();
  });
  const third = gate.passed(() => passed.push("third"));
  assertEquals(passed, []);
  gate.open();
  await Promise.all([first, second]);
  assertEquals(passed, ["first", "second"]);
  assert(gate.isClosed);
  gate.open();
  await third;
  assertEquals(passed, ["first", "second", "third"]);
  assert(!gate.isClosed);
});

Deno.test("read gate: opened twice, or with nobody waiting, it is open", () => {
  const gate = new ReadGate();
  assert(!gate.isClosed);
  gate.open();
  gate.close();
  gate.open();
  gate.open();
  assert(!gate.isClosed);
});
