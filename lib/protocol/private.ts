/**
 * The frames of a private link between two clients of this protocol, `docs/PROTOCOL.md` section 8.1.
 *
 * @module
 */
import { isOfferId, PROTOCOL_VERSION } from "./datagram.ts";
import { badMessage, Fields } from "./fields.ts";
import { checkText } from "./message.ts";

/** `HELLO:1:<from>:<to>:<offer>`: which offer this link answers, and who speaks. */
export interface Hello {
  readonly verb: "HELLO";
  readonly from: string;
  readonly to: string;
  /** The id of the offer that opened the listening port. */
  readonly offer: string;
}

/** `TEXT:<text>`. */
export interface Text {
  readonly verb: "TEXT";
  /** 1 to 4,096 code points. */
  readonly text: string;
}

/** `CLOSE:<reason>`: the last frame of its sender. */
export interface Close {
  readonly verb: "CLOSE";
  /** 1 to 32 of `a`-`z` and `-`. */
  readonly reason: string;
}

/** Any frame of a private link. */
export type PrivateMessage = Hello | Text | Close;

/**
 * The message in one payload of a private link.
 *
 * @throws {ProtocolError} `bad-message` or `too-long`
 */
export function parsePrivate(payload: string): PrivateMessage {
  const fields = new Fields(payload);
  switch (fields.next()) {
    case "TEXT": {
      const text = fields.rest();
      checkText(text);
      if (text === "") throw badMessage("an empty text");
      return { verb: "TEXT", text };
    }
    case "HELLO": {
      if (fields.next() !== String(PROTOCOL_VERSION)) throw badMessage("unknown version");
      const [from, to, offer] = [fields.next(), fields.next(), fields.next()];
      fields.end();
      if (!isOfferId(offer)) throw badMessage("not an offer's id");
      return { verb: "HELLO", from, to, offer };
    }
    case "CLOSE": {
      const reason = fields.rest();
      if (!/^[a-z-]{1,32}$/.test(reason)) throw badMessage("not a reason");
      return { verb: "CLOSE", reason };
    }
    default:
      throw badMessage("unknown verb");
  }
}

/** The payload of `message`. */
export function formatPrivate(message: PrivateMessage): string {
  switch (message.verb) {
    case "HELLO":
      return `HELLO:${PROTOCOL_VERSION}:${message.from}:${message.to}:${message.offer}`;
    case "TEXT":
      return `TEXT:${message.text}`;
    case "CLOSE":
      return `CLOSE:${message.reason}`;
  }
}
