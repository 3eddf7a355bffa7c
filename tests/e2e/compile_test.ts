/** `deno task compile` with a stand-in for the base binary, which cannot be downloaded everywhere. */
import { assert, assertEquals } from "../support/assert.ts";
import { testWith } from "../support/permitted.ts";
import { ROOT } from "../support/program.ts";

/** Any executable serves: what is looked at is what `deno compile` appends to it. */
const STAND_IN = "/bin/true";

const DEVELOPMENT = ["fast-check", "@xterm/headless", "@noble/curves", "@cfworker/json-schema"];

/** The arguments of each `deno compile` in the task, and the name of what it makes. */
function compileCalls(): { name: string; args: string[] }[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  return tasks.compile.command.split(" && ").map((part: string) => {
    const args = part.split(" ").slice(1);
    return { name: args.at(-1)?.replace(".ts", "") ?? "", args };
  });
}

function jsonAfter(text: string, key: string): Record<string, unknown> {
  const start = text.indexOf(`"${key}":`) + key.length + 3;
  assert(start > key.length + 2, `${key} is recorded`);
  return JSON.parse(text.slice(start, text.indexOf("}", start) + 1));
}

for (const program of ["server", "client"]) {
  testWith(
    ["run", "read", "write", "env"],
    `compile: ${program} may use the network, nothing else`,
    async () => {
      const call = compileCalls().find(({ name }) => name === program);
      assert(call);
      const dir = await Deno.makeTempDir();
      try {
        const output = `${dir}/${program}`;
        const args = call.args.map((arg, i) => call.args[i - 1] === "--output" ? output : arg);
        const { code, stderr } = await new Deno.Command(Deno.execPath(), {
          args,
          cwd: ROOT,
          env: { DENORT_BIN: STAND_IN, NO_COLOR: "1" },
        }).output();
        assertEquals(code, 0, new TextDecoder().decode(stderr));
        const text = new TextDecoder("latin1").decode(await Deno.readFile(output));
        const recorded = jsonAfter(text, "permissions");
        assertEquals(recorded["prompt"], false);
        assertEquals(recorded["allow_net"], [], "an empty list allows all");
        assertEquals(recorded["deny_import"], [], "an empty list denies all");
        for (const [name, value] of Object.entries(recorded)) {
          if (name.startsWith("allow_") && !["allow_net", "allow_import"].includes(name)) {
            assertEquals(value, null, name);
          }
        }
        for (const name of DEVELOPMENT) {
          // The import map that comes along names it; its own package.json must not.
          assert(!new RegExp(`"name":\\s*"${name}"`).test(text), name);
        }
        const listing = new TextDecoder().decode(stderr);
        assert(!/tests|bench|examples/.test(listing), listing);
        assert(listing.includes(program === "server" ? "registry" : "peer"), listing);
      } finally {
        await Deno.remove(dir, { recursive: true });
      }
    },
    { holds: Deno.build.os === "linux", need: "Linux" },
  );
}
