/**
 * A bot: says back what it is told in private, and in the room what begins with its name (`echo: hello`).
 *
 *     deno run --allow-net --ignore-env examples/echo_bot.ts [HOST [PORT [NAME]]]
 *
 * @module
 */
import { joinRegistry } from "../mod.ts";

const [server = "127.0.0.1", port = "1337", username = "echo"] = Deno.args;
const bot = await joinRegistry({ server, port: Number(port), username, accept: "all" });
for await (const event of bot.events()) {
  if (event.event !== "broadcast" && event.event !== "private") continue;
  // What is quoted is an answer: two bots would answer each other for ever.
  if (event.text.startsWith("> ")) continue;
  if (event.event === "private") bot.chat(event.from, `> ${event.text}`);
  else if (event.text.startsWith(`${username}: `)) {
    bot.broadcast(`> ${event.text.slice(username.length + 2)}`);
  }
}
