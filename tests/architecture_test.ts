/** The rooms of `docs/ARCHITECTURE.md`: who may import whom. */
import { assert, assertEquals } from "./support/assert.ts";
import { testWith } from "./support/permitted.ts";
import { ROOT } from "./support/program.ts";

/** Each room and the rooms it may import, besides itself. */
const ROOMS: Record<string, readonly string[]> = {
  protocol: [],
  std: [],
  crypto: ["protocol"],
  store: ["protocol", "crypto"],
  net: ["protocol"],
  registry: ["protocol", "crypto", "store", "net"],
  peer: ["protocol", "crypto", "store", "net"],
  ui: ["protocol", "crypto", "store", "net", "registry", "peer", "std"],
};

/** Files in which sockets, clocks and randomness may be touched, outside of `lib/net` and `lib/ui`. */
const SHELLS = ["lib/registry/serve.ts", "lib/peer/sockets.ts", "lib/peer/client.ts"];

function* modules(dir: string): Generator<{ path: string; source: string }> {
  for (const entry of Deno.readDirSync(new URL(dir, ROOT))) {
    const path = `${dir}${entry.name}`;
    if (entry.isDirectory) yield* modules(`${path}/`);
    else if (path.endsWith(".ts")) {
      yield { path, source: Deno.readTextFileSync(new URL(path, ROOT)) };
    }
  }
}

function imports(source: string): string[] {
  return Array.from(source.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g), ([, from = ""]) => from);
}

testWith(["read"], "arrows between the rooms run one way", () => {
  let seen = 0;
  for (const { path, source } of modules("lib/")) {
    const [, room = ""] = /^lib\/(\w+)\//.exec(path) ?? [];
    for (const from of imports(source)) {
      const [, other] = /^\.\.\/(\w+)\//.exec(from) ?? [];
      if (!other || other === room) continue;
      seen++;
      assert(ROOMS[room]?.includes(other), `${path} imports ${from}`);
    }
  }
  assert(seen > 50, "imports were found at all");
});

testWith(["read"], "only the shells touch sockets, clocks and randomness", () => {
  const world = /"\.\.\/net\/|\bDeno\.|\bperformance\.|\bDate\b|Math\.random|setTimeout|crypto\./;
  const touching = [...modules("lib/")]
    .filter(({ path }) => /^lib\/(protocol|registry|peer)\//.test(path))
    .filter(({ source }) => world.test(source.replace(/\/\*[^]*?\*\/|\/\/.*/g, "")))
    .map(({ path }) => path);
  assertEquals(touching.toSorted(), SHELLS.toSorted());
});

testWith(["read"], "every dependency is pinned, and development ones stay out of lib", () => {
  const config = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  for (const [name, target] of Object.entries<string>(config.imports)) {
    assert(/^npm:(@\w+\/)?[\w.-]+@\d+\.\d+\.\d+(\/|$)/.test(target), `${name}: ${target}`);
  }
  const development = ["@std/assert", "fast-check", "@xterm/headless", "@noble/", "@cfworker/"];
  for (const { path, source } of modules("lib/")) {
    for (const from of imports(source)) {
      assert(!development.some((name) => from.startsWith(name)), `${path}: ${from}`);
    }
  }
});

testWith(["read"], "nothing runs with -A, and the programs with the network alone", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  for (const [name, task] of Object.entries<{ command: string }>(tasks)) {
    assert(!/(^| )(-A|--allow-all)( |$)/.test(task.command), name);
  }
  const flags = "--allow-net --ignore-env --no-prompt --deny-import";
  for (const name of ["server", "client", "demo"]) {
    assert(tasks[name].command.startsWith(`deno run ${flags} `), name);
  }
  for (const part of tasks.compile.command.split(" && ")) {
    assert(part.startsWith(`deno compile ${flags} `), part);
  }
});
