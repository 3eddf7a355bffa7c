import type { ErrorCode } from "../protocol/error.ts";
import type { Refusal } from "../protocol/message.ts";

/** What those are told who are cut, if anything: who is no client, or does not answer, hears nothing. */
export const TOLD_AT_CUT = {
  "slow": errorMessage("slow", "you read too slowly"),
  "flood": errorMessage("flood", "too many messages"),
  "no-dialect": undefined,
  "taken-over": undefined,
} as const;

/** ERROR as a value. */
export function errorMessage(code: ErrorCode, text: string): Refusal {
  return { verb: "ERROR", code, text };
}
