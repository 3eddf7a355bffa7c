/** What the pages for users say of the programs against what the programs say of themselves. */
import { CLIENT_HELP } from "../../lib/ui/client_flags.ts";
import { COMMANDS } from "../../lib/ui/command_line.ts";
import { DOCTOR_HELP } from "../../lib/ui/doctor_flags.ts";
import { KEY_HELP } from "../../lib/ui/key_flags.ts";
import { PIPE_HELP } from "../../lib/ui/pipe_flags.ts";
import { SEND_HELP } from "../../lib/ui/send_flags.ts";
import { SERVER_HELP } from "../../lib/ui/server_flags.ts";
import { TAIL_HELP } from "../../lib/ui/tail_flags.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { testWith } from "../support/permitted.ts";
import { ROOT } from "../support/program.ts";

const HELPS: Readonly<Record<string, string>> = {
  ...{ doctor: DOCTOR_HELP, key: KEY_HELP, pipe: PIPE_HELP, send: SEND_HELP, tail: TAIL_HELP },
  ...{ client: CLIENT_HELP, server: SERVER_HELP },
};

testWith(["read"], "the guide has every command", () => {
  const page = read("docs/GUIDE.md");
  const verbs = COMMANDS.map(([usage]) => usage.split(" ")[0] ?? "");
  assertEquals(verbs.filter((verb) => !new RegExp(`\`${verb}[\` ]`).test(page)), []);
});

testWith(["read"], "the page for bots has every event and every JSON command", () => {
  const page = read("docs/BOTS.md");
  const { $defs } = JSON.parse(read("docs/ndjson.schema.json"));
  const names = Object.keys($defs).flatMap((name) =>
    /^(?:client-event|command)-(.*)$/.exec(name)?.[1] ?? []
  );
  assert(names.length > 30, `${names.length}`);
  assertEquals(names.filter((name) => !page.includes(`\`${name}\``)), []);
});

for (const path of ["README.md", "docs/GUIDE.md", "docs/BOTS.md"]) {
  testWith(["read"], `${path}: each call has flags that --help of that program has`, () => {
    const calls = callsOn(read(path));
    assert(calls.length > 5, `${calls.length} calls`);
    for (const { program, flags, text } of calls) {
      const unknown = flags.filter((flag) => !HELPS[program]?.includes(`  ${flag} `));
      assertEquals(unknown.filter((flag) => flag !== "--help"), [], text);
    }
  });
}

/** The calls of our programs on a page; a pipe, a redirection or a comment ends one. */
function callsOn(page: string): { program: string; flags: string[]; text: string }[] {
  const calls = page.matchAll(
    /(?:confab-|deno task (?:-q )?)(client|server)((?: (?!\|)(?:"[^"]*"|[^\s`#|<>]+))*)/g,
  );
  return Array.from(calls, ([text, program = "", rest = ""]) => {
    const [, first = ""] = /^ ([a-z]+)/.exec(rest) ?? [];
    const isOwn = program === "client" && Object.hasOwn(HELPS, first);
    return { program: isOwn ? first : program, flags: rest.match(/--[a-z-]+/g) ?? [], text };
  });
}

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}
