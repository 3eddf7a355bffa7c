import { isV6, parseIp, parsePort } from "./address.ts";
import { ProtocolError } from "./error.ts";

/** Reads the fields of one payload from left to right; `:` separates them. */
export class Fields {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether nothing is left, not even an empty field. */
  get ended(): boolean {
    return this.#at > this.#text.length;
  }

  /**
   * The next field.
   *
   * @throws {ProtocolError} `bad-message` if there is none
   */
  next(): string {
    return this.#until(this.#text.indexOf(":", this.#at));
  }

  /**
   * The next field as an IP literal in its one spelling; IPv6 stands in brackets, IPv4 does not.
   *
   * @throws {ProtocolError} `bad-message` if it is missing or none
   */
  ip(): string {
    const bracket = this.#text.startsWith("[", this.#at) ? this.#text.indexOf("]", this.#at) : -1;
    const field = this.#until(this.#text.indexOf(":", bracket < 0 ? this.#at : bracket));
    const literal = bracket < 0 ? field : field.slice(1, -1);
    if (isV6(literal) !== bracket >= 0) {
      throw badMessage("not an IP address; IPv6 stands in brackets");
    }
    const ip = parseIp(literal);
    if (ip === undefined) throw badMessage("not an IP address");
    return ip;
  }

  /**
   * The same, or `undefined` for `-`.
   *
   * @throws {ProtocolError} `bad-message` if it is missing or neither
   */
  ipOrNone(): string | undefined {
    if (!/^-(:|$)/.test(this.#text.slice(this.#at))) return this.ip();
    this.next();
    return undefined;
  }

  /**
   * The next field as a port, 1 to 65535.
   *
   * @throws {ProtocolError} `bad-message` if it is missing or none
   */
  port(): number {
    const port = parsePort(this.next());
    if (port === undefined) throw badMessage("not a port from 1 to 65535");
    return port;
  }

  /**
   * The next field as a number, 0 to 2^53 - 1, in decimal without a leading zero.
   *
   * @throws {ProtocolError} `bad-message` if it is missing or none
   */
  number(): number {
    const field = this.next();
    const number = Number(field);
    if (!/^(0|[1-9][0-9]{0,15})$/.test(field) || !Number.isSafeInteger(number)) {
      throw badMessage("not a number");
    }
    return number;
  }

  /**
   * The next field as exactly so many lower-case hexadecimal digits.
   *
   * @throws {ProtocolError} `bad-message` if it is missing or not that
   */
  hex(digits: number): string {
    const field = this.next();
    if (field.length !== digits || !/^[0-9a-f]+$/.test(field)) {
      throw badMessage(`not ${digits} lower-case hexadecimal digits`);
    }
    return field;
  }

  /**
   * All that is left, whatever it holds.
   *
   * @throws {ProtocolError} `bad-message` if the field is missing
   */
  rest(): string {
    return this.#until(-1);
  }

  /**
   * Makes sure that nothing is left.
   *
   * @throws {ProtocolError} `bad-message` if there is an extra field
   */
  end(): void {
    if (!this.ended) throw badMessage("too many fields");
  }

  #until(colon: number): string {
    if (this.ended) throw badMessage("too few fields");
    const end = colon < 0 ? this.#text.length : colon;
    const field = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return field;
  }
}

/** A message not of the form that `docs/PROTOCOL.md` gives. */
export function badMessage(why: string): ProtocolError {
  return new ProtocolError("bad-message", why);
}
