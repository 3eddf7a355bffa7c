/** What a registry cannot be run with is refused at once, not told to its clients. */
import { type RegistryOptions, startRegistry } from "../../lib/registry/serve.ts";
import { assertThrows } from "../support/assert.ts";

const WRONG: readonly (readonly [RegistryOptions, string])[] = [
  [{ grace: 0.5 }, "grace 0.5"],
  [{ grace: -1 }, "grace -1"],
  [{ grace: NaN }, "grace NaN"],
  [{ grace: Infinity }, "grace Infinity"],
  [{ grace: 86_401 }, "grace 86401: 0 to 86400"],
  [{ messageRate: 2.5 }, "messageRate 2.5"],
  [{ messageRate: -1 }, "messageRate -1"],
  [{ maxPerIp: 0.5 }, "maxPerIp 0.5"],
  [{ maxClients: NaN }, "maxClients NaN"],
  [{ replay: -1 }, "replay -1"],
  [{ replay: 4_097 }, "replay 4097: 0 to 4096"],
];

for (const [options, why] of WRONG) {
  const [[name, value] = []] = Object.entries(options);
  Deno.test(`no registry with ${name} ${value}`, async () => {
    let started: AsyncDisposable | undefined;
    const start = (): unknown =>
      started = startRegistry({ hostname: "127.0.0.1", port: 0, ...options });
    try {
      assertThrows(start, RangeError, why);
    } finally {
      await started?.[Symbol.asyncDispose]();
    }
  });
}

Deno.test("0 of each is taken, and a day of grace", async () => {
  const none = { maxClients: 0, maxPerIp: 0, messageRate: 0, grace: 0, replay: 0 };
  for (const options of [none, { grace: 86_400 }]) {
    await using _registry = startRegistry({ hostname: "127.0.0.1", port: 0, ...options });
  }
});
