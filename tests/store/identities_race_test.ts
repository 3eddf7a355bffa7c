/** Programs that start at once, over the real `localStorage`. */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { testWith } from "../support/permitted.ts";
import { OriginStore } from "../support/origin_store.ts";
import { ROOT } from "../support/program.ts";

const SCRIPT = "tests/store/identity_program.ts";
const PROGRAMS = 8;
/** So many that programs are bound to meet: each makes the keys of all of them at once. */
const NAMES = Array.from({ length: 500 }, (_, i) => `ann${i}`);

testWith(
  ["run", "read", "write"],
  `identities: ${PROGRAMS} programs that start at once end up with one key`,
  async () => {
    await using origin = new OriginStore();
    const children = Array.from({ length: PROGRAMS }, () =>
      new Deno.Command(Deno.execPath(), {
        args: origin.args(SCRIPT, ...NAMES),
        cwd: ROOT,
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn());
    // All have loaded their code; each then goes on as soon as its line is there.
    const readers = children.map((child) =>
      child.stdout.pipeThrough(new TextDecoderStream()).getReader()
    );
    for (const reader of readers) assertEquals((await reader.read()).value, "ready\n");
    await Promise.all(children.map(async ({ stdin }) => {
      const writer = stdin.getWriter();
      await writer.write(new Uint8Array([10]));
      await writer.close();
    }));
    const told = await Promise.all(readers.map(async (reader) => {
      let text = "";
      for (let got = await reader.read(); !got.done; got = await reader.read()) text += got.value;
      return text;
    }));
    for (const child of children) {
      assertEquals(await child.stderr.text(), "");
      assertEquals((await child.status).code, 0);
    }
    const lines = told[0]?.trimEnd().split("\n") ?? [];
    assertEquals(new Set(lines).size, NAMES.length, "each name has its own");
    assert(lines.every((line) => /^[0-9a-f]{64} true$/.test(line)), told[0]);
    assertEquals(new Set(told).size, 1, told.join("\n"));
    const later = await origin.run(SCRIPT, NAMES, "\n");
    assertEquals(later.stdout, `ready\n${told[0]}`, "and the next one has it, too");
  },
);

testWith(["run", "read", "write"], "identities: a damaged store: a key for this run", async () => {
  await using origin = new OriginStore();
  const folder = await origin.folder();
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/local_storage`, "no database at all, ".repeat(1_000));
  const { code, stdout, stderr } = await origin.run(SCRIPT, ["ann"], "\n");
  assertEquals(code, 0);
  assertMatch(stdout, /^ready\n[0-9a-f]{64} false\n$/);
  assertMatch(stderr, /^Cannot read .* is damaged .*\nCannot store .* is damaged .*\n$/);
});
