/** `key export` and `key import` as programs, each over a store of its own. */
import { fingerprintOf } from "../../lib/crypto/fingerprint.ts";
import { identityOf } from "../../lib/crypto/identity.ts";
import { openKey, sealKey } from "../../lib/crypto/sealed_key.ts";
import { UsageError } from "../../lib/ui/flags.ts";
import { parseKeyFlags } from "../../lib/ui/key_flags.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../support/assert.ts";
import { Inbox } from "../support/eventually.ts";
import { OriginStore } from "../support/origin_store.ts";
import { granted, testWith } from "../support/permitted.ts";
import { ROOT } from "../support/program.ts";
import { hasPseudoTerminal } from "../support/terminal.ts";

const NEEDS = ["run", "read", "write"] as const;
const pty = { holds: granted("read") && hasPseudoTerminal(), need: "script of util-linux" };
const FIRST_START = "tests/ui/first_start.ts";
const EXPORT = ["export", "--username", "ann"];

Deno.test("key flags: what they ask for", () => {
  assertEquals(parseKeyFlags(EXPORT), { mode: "export", profile: "default", username: "ann" });
  assertEquals(parseKeyFlags([...EXPORT, "--profile", "p"]), {
    mode: "export",
    profile: "p",
    username: "ann",
  });
  const plain = { mode: "import", profile: "default", replace: false, keepSealed: false } as const;
  assertEquals(parseKeyFlags(["import"]), plain);
  assertEquals(parseKeyFlags(["import", "--replace", "--passphrase"]), {
    ...plain,
    replace: true,
    keepSealed: true,
  });
  for (const args of [["--help"], ["export", "--help"], ["import", "--help"]]) {
    assertEquals(parseKeyFlags(args), { mode: "help" });
  }
  for (
    const args of [
      [],
      ["exports"],
      ["--username", "ann"],
      ["export"],
      ["export", "--username"],
      [...EXPORT, "--replace"],
      ["import", "--username", "ann"],
      ["import", "file"],
      ["import", "--passphrase=x"],
    ]
  ) {
    assertThrows(() => parseKeyFlags(args), UsageError, "", args.join(" "));
  }
});

testWith(NEEDS, "key: exported here, imported there: the same fingerprint", async () => {
  await using here = new OriginStore();
  await using there = new OriginStore();
  const made = await here.run(FIRST_START, ["ann"]);
  const fingerprint = fingerprintOf(made.stdout.trim());

  const exported = await here.run("client.ts", ["key", ...EXPORT], "open sesame\n");
  assertEquals(exported.code, 0);
  assertEquals(exported.stderr, `confab-client: the key of ann, fingerprint ${fingerprint}\n`);
  const { seed } = openKey(exported.stdout.trimEnd(), "open sesame");
  assertEquals(`${identityOf(seed, true).publicKey}\n`, made.stdout, "an export is one line");

  const imported = await there.run(
    "client.ts",
    ["key", "import"],
    `${exported.stdout}open sesame\n`,
  );
  assertEquals(imported, {
    code: 0,
    stdout: "",
    stderr: `confab-client: the key of ann is here, fingerprint ${fingerprint}\n`,
  });
  assertEquals((await there.run(FIRST_START, ["ann"])).stdout, made.stdout, "a start takes it");
});

testWith(NEEDS, "key: imported with --passphrase, it stays sealed, here and exported", async () => {
  await using origin = new OriginStore();
  const sealed = sealKey(new Uint8Array(32), "Ann", "p");
  const imported = await origin.run(
    "client.ts",
    ["key", "import", "--passphrase"],
    `  ${sealed}\r\np\n`,
  );
  assertEquals(imported.code, 0, imported.stderr);
  const again = await origin.run("client.ts", ["key", ...EXPORT], "p\n");
  assertEquals(again.stdout, `${sealed}\n`);
  const wrong = await origin.run("client.ts", ["key", ...EXPORT], "q\n");
  assertEquals([wrong.code, wrong.stdout], [1, ""]);
  assertMatch(wrong.stderr, /^confab-client: the passphrase is wrong, .*\n$/);
  const opened = await origin.run(FIRST_START, ["ann", "p"]);
  assertEquals(opened.stdout, `${identityOf(new Uint8Array(32), true).publicKey}\n`);
});

testWith(NEEDS, "key: another key of that name is replaced only if asked to", async () => {
  await using origin = new OriginStore();
  const made = await origin.run(FIRST_START, ["ann"]);
  const input = `${sealKey(new Uint8Array(32), "ann", "p")}\np\n`;
  const refused = await origin.run("client.ts", ["key", "import"], input);
  assertEquals([refused.code, refused.stdout], [1, ""]);
  assertEquals(
    refused.stderr,
    "confab-client: there already is another key for ann here; " +
      "--replace overwrites it for good (export it first)\n",
  );
  assertEquals((await origin.run(FIRST_START, ["ann"])).stdout, made.stdout);
  const elsewhere = await origin.run("client.ts", ["key", "import", "--profile", "other"], input);
  assertEquals(elsewhere.code, 0, "another profile has its own");
  assertEquals((await origin.run("client.ts", ["key", "import", "--replace"], input)).code, 0);
  const now = await origin.run(FIRST_START, ["ann"]);
  assertEquals(now.stdout, `${identityOf(new Uint8Array(32), true).publicKey}\n`);
});

testWith(NEEDS, "key: each failure is one line, with its exit code", async () => {
  await using origin = new OriginStore();
  const sealed = sealKey(new Uint8Array(32), "ann", "p");
  for (
    const [args, input, code, told] of [
      [EXPORT, "p\n", 1, /there is no key of ann here$/],
      [["import"], "", 1, /that is no key: give the whole line that key export printed$/],
      [["import"], "confab-key-1:\np\n", 1, /that is no key: give the whole line that key .*$/],
      [["import"], `${sealed}\nq\n`, 1, /the passphrase is wrong, or .*$/],
      [
        ["import"],
        `${sealed}\n`,
        2,
        /the passphrase is missing: .* line of input; see key --help$/,
      ],
      [["import"], `${sealed}\n\n`, 2, /the passphrase is missing: .*; see key --help$/],
      [[], "", 2, /key takes export or import; see key --help$/],
      [["export", "--username", "a b"], "", 2, /this user name may hold .*; see key --help$/],
    ] as const
  ) {
    const ended = await origin.run("client.ts", ["key", ...args], input);
    assertEquals([ended.code, ended.stdout], [code, ""], ended.stderr);
    const [line = "", ...rest] = ended.stderr.split("\n");
    assertMatch(line, /^confab-client: /);
    assertMatch(line, told);
    assertEquals(rest, [""]);
  }
  const help = await origin.run("client.ts", ["key", "--help"]);
  assertEquals([help.code, help.stderr], [0, ""]);
  assert(help.stdout.includes("key export --username NAME"));
  assert(help.stdout.includes("(cat ann.key; echo PASSPHRASE) | confab-client key import"));
  assert(help.stdout.includes("without --passphrase, the key is stored unsealed"));
});

testWith(NEEDS, "key: a damaged store is why nothing can be exported or imported", async () => {
  await using origin = new OriginStore();
  const folder = await origin.folder();
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/local_storage`, "no database at all, ".repeat(1_000));
  const input = `${sealKey(new Uint8Array(32), "ann", "p")}\np\n`;
  for (const [args, text] of [[EXPORT, "p\n"], [["import"], input]] as const) {
    const { code, stdout, stderr } = await origin.run("client.ts", ["key", ...args], text);
    assertEquals([code, stdout], [1, ""]);
    assertMatch(stderr, /^confab-client: Cannot read .* the store is damaged .*\n$/);
  }
});

testWith(NEEDS, "key: on a terminal, a passphrase is asked for twice and never shown", async () => {
  await using origin = new OriginStore();
  const made = await origin.run(FIRST_START, ["ann"]);
  const command = [Deno.execPath(), ...origin.args("client.ts", "key", ...EXPORT)]
    .map((arg) => `'${arg}'`).join(" ");
  // The key goes to a pipe, as a person would have it go to a file: the questions are on standard
  // error.
  const child = new Deno.Command("script", {
    args: ["-qfec", `exec ${command} | sed 's/^/OUT /'`, "/dev/null"],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    env: { TERM: "xterm", SHELL: "/bin/sh" },
  }).spawn();
  let screen = "";
  const screens = new Inbox<string>("the terminal");
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      screens.push(screen += text);
    }
  })();
  const writer = child.stdin.getWriter();
  /** Waits for `text` in what is new on the screen, then presses `keys`. */
  let seen = 0;
  const after = async (text: string, keys: string) => {
    await screens.some((shown) => shown.includes(text, seen), text);
    seen = screen.indexOf(text, seen) + text.length;
    await writer.write(new TextEncoder().encode(keys));
  };
  let ended = false;
  try {
    await after("New passphrase, to seal the key of ann with:", "\r");
    await after("A passphrase that is not empty", "swordfish\r");
    await after("The same once more:", "sword\r");
    await after("These two differ", "");
    await after("New passphrase, to seal the key of ann with:", "swordfish\r");
    await after("The same once more:", "swordfish\r");
    await after("fingerprint", "");
    await reading;
    ended = true;
  } finally {
    if (!ended) child.kill("SIGKILL");
    await writer.close().catch(() => {});
    await reading;
    await child.status;
  }
  const sealed = /OUT (confab-key-1:[\w:-]+)/.exec(screen)?.[1] ?? "";
  const { seed } = openKey(sealed, "swordfish");
  assertEquals(`${identityOf(seed, true).publicKey}\n`, made.stdout);
  assert(!screen.includes("sword"), "neither shown nor echoed");
}, pty);
