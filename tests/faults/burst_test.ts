/** Many speak in one moment: who reads hears all of it, and is not taken for slow. */
import { startRegistry } from "../../mod.ts";
import { encodeFrame } from "../../lib/protocol/frame.ts";
import { concatBytes } from "../../lib/protocol/bytes.ts";
import { assertEquals } from "../support/assert.ts";
import { testWith } from "../support/permitted.ts";
import { RawClient } from "../support/raw_client.ts";

const [SPEAKERS, MESSAGES] = [10, 60];

testWith(
  ["net"],
  "ten bursts of 60 kB in one moment: everybody who reads hears all of them",
  async () => {
    await using registry = startRegistry({
      ...{ hostname: "127.0.0.1", port: 0, messageRate: 0, maxPerIp: 0 },
    });
    const { port } = registry.addr;
    await using members = new AsyncDisposableStack();
    const speakers: RawClient[] = [];
    for (let i = 0; i < SPEAKERS; i++) {
      speakers.push(members.use(await RawClient.join(port, `speaker-${i}`)));
    }
    const reader = members.use(await RawClient.join(port, "reader"));
    const bursts = speakers.map((_, i) =>
      concatBytes(Array.from({ length: MESSAGES }, (_, number) => {
        const text = `${i} ${number} `.padEnd(1_000, "x");
        return encodeFrame(`BROADCAST:speaker-${i}:${text.length}:${text}`);
      }))
    );
    await Promise.all(speakers.map((speaker, i) => speaker.raw(bursts[i] ?? new Uint8Array(0))));
    const heard = speakers.map(() => 0);
    for (let i = 0; i < SPEAKERS * MESSAGES; i++) {
      const line = await reader.hears((line) =>
        line.startsWith("BROADCAST:") || line === "(closed)"
      );
      const [, speaker, number] = /:1000:(\d+) (\d+) /.exec(line) ?? [];
      const expected = heard[Number(speaker)];
      assertEquals(Number(number), expected, line.slice(0, 60));
      heard[Number(speaker)] = Number(number) + 1;
    }
  },
);
