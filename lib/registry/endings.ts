import type { ErrorCode } from "../protocol/error.ts";
import type { Refusal } from "../protocol/message.ts";

/** ERROR with a code of ours. */
export interface OwnRefusal extends Refusal {
  readonly code: ErrorCode;
}

/** What those are told who are cut, if anything: who is no client hears nothing. */
export const TOLD_AT_CUT = {
  "slow": errorMessage("slow", "you read too slowly"),
  "idle": errorMessage("idle", "nothing was heard of you"),
  "flood": errorMessage("flood", "too many messages"),
  "taken-over": errorMessage("taken-over", "another session of your key has your name"),
  "no-dialect": undefined,
  /** Its user is back on another connection: there is nobody at this one. */
  "resumed": undefined,
} as const;

/** ERROR as a value. */
export function errorMessage(code: ErrorCode, text: string): OwnRefusal {
  return { verb: "ERROR", code, text };
}
