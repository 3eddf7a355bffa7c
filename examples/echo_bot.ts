/**
 * A bot: says back what it is told in private. `deno run --allow-net --ignore-env examples/echo_bot.ts`
 * joins the registry at 127.0.0.1:1337 as `echo`; other places are arguments: `HOST PORT`.
 *
 * @module
 */
import { joinRegistry } from "../mod.ts";

const [server = "127.0.0.1", port = "1337"] = Deno.args;
const bot = await joinRegistry({ server, port: Number(port), username: "echo", accept: "all" });
for await (const event of bot.events()) {
  if (event.event === "private") bot.chat(event.from, event.text);
}
