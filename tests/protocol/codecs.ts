/**
 * Each kind of message through the codec that carries it, and streams cut into chunks.
 *
 * @module
 */
import { classicLines, parseClassicLine } from "../../lib/protocol/classic.ts";
import { encodeDatagram, parseDatagram } from "../../lib/protocol/datagram.ts";
import { encodeFrame, FrameDecoder } from "../../lib/protocol/frame.ts";
import { encodeLine, LineDecoder } from "../../lib/protocol/line.ts";
import {
  formatMessage,
  parseClientMessage,
  parseServerMessage,
} from "../../lib/protocol/message.ts";
import { formatPipe, parsePipe } from "../../lib/protocol/pipe.ts";
import {
  formatLinkIdentity,
  formatPrivate,
  parseLinkIdentity,
  parsePrivate,
} from "../../lib/protocol/private.ts";
import { decodeUtf8, encodeUtf8 } from "../../lib/protocol/utf8.ts";
import type { Message } from "./vectors.ts";

/** What `FrameDecoder` and `LineDecoder` have in common. */
export interface StreamDecoder {
  push(chunk: Uint8Array): void;
  next(): Uint8Array | undefined;
}

/** The kinds of message that travel in a stream as they are. */
export type StreamKind = "client" | "server" | "classic client" | "classic server";

const PARSERS: Record<Exclude<Message["kind"], "datagram" | "pipe">, (text: string) => unknown> = {
  "client": parseClientMessage,
  "server": parseServerMessage,
  "classic client": parseClassicLine,
  "classic server": parseServerMessage,
  "link identity": parseLinkIdentity,
  "private": parsePrivate,
};

/** Whether messages of `kind` travel in a stream; others come one by one, sealed or as datagrams. */
export function isStream(kind: Message["kind"]): kind is StreamKind {
  return !["datagram", "link identity", "private", "pipe"].includes(kind);
}

/** The bytes of `message` on the wire, or before they are sealed. */
export function encode(message: Message): Uint8Array<ArrayBuffer> {
  switch (message.kind) {
    case "client":
    case "server":
      return encodeFrame(formatMessage(message.value));
    case "classic client":
      return encodeLine(formatMessage(message.value));
    case "classic server":
      return concat(...classicLines(message.value).map(encodeLine));
    case "datagram":
      return encodeDatagram(message.value);
    case "link identity":
      return encodeUtf8(formatLinkIdentity(message.value));
    case "private":
      return encodeUtf8(formatPrivate(message.value));
    case "pipe":
      return formatPipe(message.value);
  }
}

/** The values in `chunks`: one stream, or one each of what does not travel in one. */
export function decode(kind: Message["kind"], chunks: readonly Uint8Array[]): unknown[] {
  if (!isStream(kind)) return chunks.map((unit) => parse(kind, unit));
  return drain(decoderFor(kind), chunks).map((unit) => parse(kind, unit));
}

/** The value in one payload, line or datagram. */
export function parse(kind: Message["kind"], unit: Uint8Array): unknown {
  if (kind === "pipe") return parsePipe(unit);
  return kind === "datagram" ? parseDatagram(unit) : PARSERS[kind](decodeUtf8(unit));
}

/** A fresh decoder of the streams in which messages of `kind` travel. */
export function decoderFor(kind: StreamKind): StreamDecoder {
  return kind.startsWith("classic") ? new LineDecoder() : new FrameDecoder();
}

/**
 * All that `decoder` finds in `chunks`, copied. Each chunk is overwritten as soon as it is used up, as
 * the memory of a socket's reads is.
 */
export function drain(decoder: StreamDecoder, chunks: Iterable<Uint8Array>): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const chunk of chunks) {
    const own = chunk.slice();
    decoder.push(own);
    for (let unit = decoder.next(); unit !== undefined; unit = decoder.next()) {
      found.push(unit.slice());
    }
    own.fill(0xaa);
  }
  return found;
}

/** `bytes` in chunks of the given sizes, which may be 0, and one of what is left. */
export function chunked(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...chunks, bytes.subarray(at)];
}

/** `bytes` in chunks of one byte. */
export function byteByByte(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

/** `parts` in one array. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
