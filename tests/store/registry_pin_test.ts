/** What a registry's key is to us, without anything being kept for asking. */
import { RegistryPin } from "../../lib/store/registry_pin.ts";
import { MemoryStore } from "../../lib/store/store.ts";
import { assertEquals } from "../support/assert.ts";

const [ONE, OTHER] = ["11".repeat(32), "22".repeat(32)];

Deno.test("registry pin: to compare keeps nothing", () => {
  const store = new MemoryStore();
  const pin = (): RegistryPin => new RegistryPin(store, "chat.example", 1337, false);
  assertEquals(pin().compare(ONE), "new");
  assertEquals(store.keys(""), []);
  pin().accepts(ONE, true);
  assertEquals([pin().compare(ONE), pin().compare(OTHER)], ["known", "other"]);
  assertEquals(pin().accepts(ONE, true), true);
  assertEquals(new RegistryPin(store, "CHAT.example", 1337, false).compare(ONE), "known");
  assertEquals(new RegistryPin(store, "chat.example", 1338, false).compare(OTHER), "new");
});

Deno.test("registry pin: a value that cannot be read is another key", () => {
  const store = new MemoryStore();
  store.set("registry/chat.example 1337", "{");
  assertEquals(new RegistryPin(store, "chat.example", 1337, false).compare(ONE), "other");
});
