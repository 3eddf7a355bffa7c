/**
 * The few requests of HTTP that `--metrics` answers, as a machine without sockets. Not `Deno.serve`: it keeps
 * any number of silent connections, and ends the whole program when the file descriptors run out (Deno 2.9.6).
 *
 * @module
 */
import { concatBytes } from "../protocol/bytes.ts";
import { encodeUtf8 } from "../protocol/utf8.ts";
import { METRICS_TYPE } from "./metrics.ts";

/**
 * Connections at a time: a scraper needs one, and each takes a file descriptor of the users'. One more closes
 * the oldest, as who scrapes says so at once.
 */
const MAX_OPEN = 8;
/** From connecting until the answer is taken, in milliseconds: half of what a scraper waits by default. */
const PATIENCE_MS = 5_000;
/** Bytes of a request at most: what servers of HTTP commonly allow for its head. */
const MAX_REQUEST_BYTES = 8_192;

/** What is needed of a connection. */
export interface ScrapeLink {
  /** Queues bytes that are never changed afterwards. */
  send(bytes: Uint8Array): void;
  /** Ends the connection once all that is queued is written. */
  end(): void;
  /** Ends it now. */
  abort(): void;
}

/** What is told. */
export interface ScrapeSource {
  /** The answer to `GET /metrics`. */
  metrics(): string;
  /** Whether users are taken: no more once the registry is stopping. */
  isServing(): boolean;
}

interface Scrape {
  readonly link: ScrapeLink;
  readonly deadline: number;
  /** What has arrived; `undefined` once it is answered. */
  request: string | undefined;
}

interface Answer {
  readonly status: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** An empty line, also as typed by hand. */
const HEAD_END = /\r?\n\r?\n/;
/** Method, and path without its query. */
const REQUEST_LINE = /^([A-Z]+) (\/[^ ?]*)(?:\?[^ ]*)? HTTP\/1\.[01]\r?\n/;

/** Every connection to the port of `--metrics`: one request each, then it is closed. */
export class Scrapes {
  readonly #source: ScrapeSource;
  /** In the order of opening, which is that of the deadlines. */
  readonly #open = new Map<number, Scrape>();
  #lastId = 0;

  constructor(source: ScrapeSource) {
    this.#source = source;
  }

  /** A connection. */
  open(link: ScrapeLink, now: number): number {
    const [oldest] = this.#open;
    if (oldest && this.#open.size >= MAX_OPEN) this.#abort(...oldest);
    const id = ++this.#lastId;
    this.#open.set(id, { link, deadline: now + PATIENCE_MS, request: "" });
    return id;
  }

  /** Bytes from a connection, in any chunking. */
  receive(id: number, chunk: Uint8Array): void {
    const scrape = this.#open.get(id);
    if (scrape?.request === undefined) return;
    // A byte becomes one character, whatever it is: all that counts is ASCII.
    scrape.request += String.fromCharCode(...chunk.subarray(0, MAX_REQUEST_BYTES));
    const answer = this.#answerTo(scrape.request);
    if (!answer) return;
    scrape.request = undefined;
    scrape.link.send(encodeAnswer(answer));
    scrape.link.end();
  }

  /** A connection is over. Idempotent. */
  ended(id: number): void {
    this.#open.delete(id);
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    const [oldest] = this.#open.values();
    return oldest?.deadline;
  }

  /** Ends those who have taken too long to ask, or to read. */
  timeout(now: number): void {
    for (const [id, scrape] of this.#open) {
      if (scrape.deadline > now) return;
      this.#abort(id, scrape);
    }
  }

  #abort(id: number, { link }: Scrape): void {
    this.#open.delete(id);
    link.abort();
  }

  /** `undefined` as long as more has to come. */
  #answerTo(request: string): Answer | undefined {
    if (!HEAD_END.test(request)) {
      if (request.length < MAX_REQUEST_BYTES) return undefined;
      return { status: "431 Request Header Fields Too Large" };
    }
    const [, method, path] = REQUEST_LINE.exec(request) ?? [];
    if (path === undefined) return { status: "400 Bad Request" };
    if (path !== "/metrics" && path !== "/healthz") return { status: "404 Not Found" };
    if (method !== "GET") return { status: "405 Method Not Allowed", headers: ["Allow: GET"] };
    if (path === "/metrics") {
      const headers = [`Content-Type: ${METRICS_TYPE}`];
      return { status: "200 OK", headers, body: this.#source.metrics() };
    }
    const headers = ["Content-Type: text/plain; charset=utf-8"];
    return this.#source.isServing()
      ? { status: "200 OK", headers, body: "ok\n" }
      : { status: "503 Service Unavailable", headers, body: "closing\n" };
  }
}

function encodeAnswer({ status, headers = [], body = "" }: Answer): Uint8Array {
  const bytes = encodeUtf8(body);
  const head = [
    `HTTP/1.1 ${status}`,
    ...headers,
    `Content-Length: ${bytes.length}`,
    "Cache-Control: no-store",
    "Connection: close",
  ];
  return concatBytes([encodeUtf8(head.join("\r\n") + "\r\n\r\n"), bytes]);
}
