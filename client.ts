/**
 * The client as a program: `deno task client`, or the compiled `confab-client`.
 *
 * @module
 */
import { clientMain } from "./lib/ui/client_main.ts";

if (import.meta.main) Deno.exit(await clientMain(Deno.args));
