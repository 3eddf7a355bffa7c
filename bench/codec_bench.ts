/** The codecs by themselves: what one message costs before and after the sockets. */
import { LineDecoder } from "../lib/protocol/line.ts";
import { encodeFrame, FrameDecoder } from "../lib/protocol/frame.ts";
import { formatMessage, parseClientMessage } from "../lib/protocol/message.ts";
import { checkName } from "../lib/protocol/name.ts";
import { decodeUtf8, encodeUtf8 } from "../lib/protocol/utf8.ts";
import { Fanout } from "../lib/registry/fanout.ts";

const MESSAGES = 1_000;

for (const size of [64, 1_024]) {
  const message = { verb: "BROADCAST", username: "ann", text: "x".repeat(size) } as const;
  const payload = formatMessage(message);
  const frame = encodeFrame(payload);
  const frames = new Uint8Array(MESSAGES * frame.length);
  for (let i = 0; i < MESSAGES; i++) frames.set(frame, i * frame.length);
  const lines = encodeUtf8((payload + "\r\n").repeat(MESSAGES));
  const group = `${MESSAGES} messages of ${size} characters`;

  Deno.bench("frames: cut", { group, baseline: true }, () => {
    const decoder = new FrameDecoder();
    decoder.push(frames);
    while (decoder.next());
  });
  Deno.bench("frames: cut, decode, parse", { group }, () => {
    const decoder = new FrameDecoder();
    decoder.push(frames);
    for (let part = decoder.next(); part; part = decoder.next()) {
      parseClientMessage(decodeUtf8(part));
    }
  });
  Deno.bench("lines: cut", { group }, () => {
    const decoder = new LineDecoder();
    decoder.push(lines);
    while (decoder.next());
  });
  Deno.bench("format and frame", { group }, () => {
    for (let i = 0; i < MESSAGES; i++) encodeFrame(formatMessage(message));
  });
  for (const members of [10, 1_000]) {
    const flushes: (() => void)[] = [];
    const fanout = new Fanout((flush) => flushes.push(flush));
    for (let id = 0; id < members; id++) fanout.add(id, "framed", { send: () => {} });
    Deno.bench(`fan-out to ${members} members, in turns of 64`, { group }, () => {
      for (let i = 0; i < MESSAGES; i++) {
        fanout.deliver(message, 0);
        if (i % 64 === 63) flushes.splice(0).forEach((flush) => flush());
      }
      flushes.splice(0).forEach((flush) => flush());
    });
  }
}

Deno.bench("check a name", () => {
  checkName("Žofie_漢字");
});
