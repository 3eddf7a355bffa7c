import type { PipeEnd } from "../peer/pipe_task.ts";
import { countText } from "./pipe_progress.ts";

/** Which pipe it was. */
export interface PipeParties {
  readonly mode: "send" | "receive";
  readonly peer: string;
  /** Our own name. */
  readonly username: string;
  readonly waitMs: number;
}

/** What a pipe that did not get through has come to, in one line for people. */
export function endText(end: PipeEnd, { mode, peer, username, waitMs }: PipeParties): string {
  const { reason, total, confirmed, wasOpen } = end;
  if (wasOpen) {
    const arrived = mode === "send"
      ? `, of which ${countText(confirmed)} are known to be there`
      : "";
    return `cut after ${countText(total)} bytes${arrived}: ${reasonText(reason, peer)}`;
  }
  if (reason !== "timeout") return reasonText(reason, peer);
  const seconds = Math.round(waitMs / 1_000);
  return mode === "send"
    ? `${peer} did not take it within ${seconds} s; there, run: ${otherSide(username)}`
    : `${peer} sent nothing within ${seconds} s`;
}

/** What the one who is to take has to run. */
export function otherSide(username: string): string {
  return `confab-client pipe --from ${username}`;
}

function reasonText(reason: PipeEnd["reason"], peer: string): string {
  switch (reason) {
    case "key-changed":
      return `the key of ${peer} is not the one known here (key-changed): ask ${peer} in another way; then, ` +
        `in a chat client, compare /verify ${peer} and say /trust ${peer}`;
    case "no-key":
      return `${peer} has no key (no-key): bytes go between those who have one`;
    case "blocked":
      return `${peer} is blocked here (blocked)`;
    case "rejected":
      return `${peer} does not want it (rejected)`;
    case "output-closed":
      return "nobody reads the output of the one who takes it (output-closed)";
    case "hash-differs":
      return "what arrived is not what was sent (hash-differs)";
    case "bad-tag":
      return `who answered is not ${peer}, or the bytes were changed on the way (bad-tag)`;
    default:
      return reason;
  }
}
