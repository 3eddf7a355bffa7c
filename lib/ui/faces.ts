import { LineHistory } from "../store/line_history.ts";
import type { Store } from "../store/store.ts";
import type { FaceConfig } from "./client_flags.ts";
import { ClientRun } from "./client_run.ts";
import type { Looks } from "./presenter.ts";

/**
 * The face that fits what is at both ends, with what is behind it; each is loaded when it is shown.
 *
 * @param store where lines are kept that were typed
 */
export async function clientRun(config: FaceConfig, store: Store): Promise<ClientRun> {
  if (config.json) {
    const { JsonFace } = await import("./json_face.ts");
    return new ClientRun(new JsonFace());
  }
  const { Conversation } = await import("./conversation.ts");
  const conversation = new Conversation();
  const isSeen = Deno.stdout.isTerminal();
  const looks: Looks = {
    colour: config.colour && isSeen && !config.plain,
    time: config.time && isSeen,
    bell: isSeen ? config.bell : "off",
  };
  if (isSeen && Deno.stdin.isTerminal() && !config.plain) {
    const { TerminalFace } = await import("./terminal/terminal_face.ts");
    const history = new LineHistory(store, config.keepPrivateHistory);
    return new ClientRun(new TerminalFace(conversation, looks, history), conversation);
  }
  const { PlainFace } = await import("./plain_face.ts");
  return new ClientRun(new PlainFace(conversation, looks, isSeen), conversation);
}
