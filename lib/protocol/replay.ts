/**
 * What was said in the room before one came: `docs/PROTOCOL.md` section 10.12.
 *
 * @module
 */
import { badMessage, type Fields } from "./fields.ts";
import { codePoints } from "./utf8.ts";

/** The capability: the registry gives what was said before, the client may ask for it. */
export const REPLAY = "replay";

/** `REPLAY:<count>`: so many of the last broadcasts from before we came. */
export interface ReplayRequest {
  readonly verb: "REPLAY";
  /** 0: none, but how many the registry would give. */
  readonly count: number;
}

/** `REPLAYING:<count>:<limit>`: they follow. */
export interface Replaying {
  readonly verb: "REPLAYING";
  /** How many follow, at most. */
  readonly count: number;
  /** How many the registry gives to anybody. */
  readonly limit: number;
}

/** `PAST:<number>:<age>:<username>:<length>:<message>`: one of them. */
export interface Past {
  readonly verb: "PAST";
  /** As in SAID, but no position in the stream. */
  readonly number: number;
  /** Seconds since it was said. */
  readonly age: number;
  readonly username: string;
  /** 0 to 4,096 code points. */
  readonly text: string;
}

/** `REPLAYED:<count>`: these were all. */
export interface Replayed {
  readonly verb: "REPLAYED";
  readonly count: number;
}

/** What a registry answers to {@linkcode ReplayRequest}. */
export type ReplayAnswer = Replaying | Past | Replayed;

/** Reads the request after its verb. */
export function readReplayRequest(fields: Fields): ReplayRequest {
  return { verb: "REPLAY", count: onlyNumber(fields) };
}

/** Reads REPLAYING after its verb. */
export function readReplaying(fields: Fields): Replaying {
  const [count, limit] = [fields.number(), fields.number()];
  fields.end();
  if (count > limit) throw badMessage("more than the limit");
  return { verb: "REPLAYING", count, limit };
}

/** Reads what stands before the length and text of PAST. */
export function readPastHead(fields: Fields): Omit<Past, "text"> {
  const [number, age] = [fields.number(), fields.number()];
  return { verb: "PAST", number, age, username: fields.next() };
}

/** Reads REPLAYED after its verb. */
export function readReplayed(fields: Fields): Replayed {
  return { verb: "REPLAYED", count: onlyNumber(fields) };
}

/** The payload of any of them. */
export function formatReplay(message: ReplayRequest | ReplayAnswer): string {
  switch (message.verb) {
    case "REPLAY":
    case "REPLAYED":
      return `${message.verb}:${message.count}`;
    case "REPLAYING":
      return `REPLAYING:${message.count}:${message.limit}`;
    case "PAST": {
      const { number, age, username, text } = message;
      return ["PAST", number, age, username, codePoints(text), text].join(":");
    }
  }
}

function onlyNumber(fields: Fields): number {
  const number = fields.number();
  fields.end();
  return number;
}
