/**
 * The registry as a program: `deno task server`, or the compiled `confab-server`.
 *
 * @module
 */
import { serverMain } from "./lib/ui/server_main.ts";

if (import.meta.main) Deno.exit(await serverMain(Deno.args));
