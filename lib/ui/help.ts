/**
 * The answers to `/help`.
 *
 * @module
 */
import { COMMANDS } from "./command_line.ts";
import { safe } from "./safe.ts";

/** What there is to say of a command besides its line in the list. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  broadcast: ["It goes to the room, wherever plain lines go."],
  start: ["They have 60 s to accept. What you say before they do waits for it: /chat."],
  chat: ["The chat runs directly between you two, encrypted unless its lines say otherwise."],
  msg: ["The same as /chat."],
  to: [
    "/to bob: lines without / are said to bob, in private. /to room: to everybody.",
    "The prompt says where they go. If the chat ends they still go to bob, and open it again.",
  ],
  me: ["/me waves: others see * ann waves. It goes where plain lines go."],
  ignore: [
    "Here, and until you leave: the room and private texts of that name are not shown.",
    "Without a name: who is ignored. /block is for good, and for the key behind the name.",
  ],
  block: ["For good, for the name and its key, and their invites are not heard. See also /ignore."],
  verify: ["Read the digits to each other, by phone or face to face; then /verified."],
  trust: ["Only if you know why their key has changed, e.g. from themselves, by another way."],
  close: ["Lines that wait for the chat are dropped."],
};

/** Every command. */
export function renderHelp(): string[] {
  return COMMANDS.map(([usage, what]) => `${usage.padEnd(28)} ${what}`);
}

/**
 * One command.
 *
 * @param topic its name, with or without the slash
 */
export function renderTopic(topic: string): string[] {
  const verb = topic.replace(/^\//, "");
  const found = COMMANDS.find(([usage]) =>
    usage.split(" ")[0] === `/${verb === "msg" ? "chat" : verb}`
  );
  if (!found) return [safe`! there is no command /${verb}; /help lists them`];
  const more = Object.hasOwn(MORE, verb) ? MORE[verb] ?? [] : [];
  return [`${found[0]}   ${found[1]}`, ...more.map((line) => `  ${line}`)];
}
