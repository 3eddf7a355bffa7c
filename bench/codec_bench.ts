/** The codecs by themselves: what messages cost before and after the sockets. */
import { encodeFrame, FrameDecoder } from "../lib/protocol/frame.ts";
import { LineDecoder } from "../lib/protocol/line.ts";
import { formatMessage, parseClientMessage } from "../lib/protocol/message.ts";
import { checkName } from "../lib/protocol/name.ts";
import { decodeUtf8, encodeUtf8 } from "../lib/protocol/utf8.ts";

const MESSAGES = 1_000;
/** Runs of each bench: a fraction of a second. */
const n = 500;

for (const size of [64, 1_024]) {
  const message = { verb: "BROADCAST", username: "ann", text: "x".repeat(size) } as const;
  const payload = formatMessage(message);
  const frame = encodeFrame(payload);
  const frames = new Uint8Array(MESSAGES * frame.length);
  for (let i = 0; i < MESSAGES; i++) frames.set(frame, i * frame.length);
  const lines = encodeUtf8((payload + "\r\n").repeat(MESSAGES));
  const group = `${MESSAGES} broadcasts of ${size} characters`;

  Deno.bench("frames: cut", { group, n }, () => {
    const decoder = new FrameDecoder();
    decoder.push(frames);
    while (decoder.next());
  });
  Deno.bench("frames: cut, decode, parse", { group, n }, () => {
    const decoder = new FrameDecoder();
    decoder.push(frames);
    for (let part = decoder.next(); part; part = decoder.next()) {
      parseClientMessage(decodeUtf8(part));
    }
  });
  Deno.bench("lines: cut", { group, n }, () => {
    const decoder = new LineDecoder();
    decoder.push(lines);
    while (decoder.next());
  });
  Deno.bench("parse", { group, n }, () => {
    for (let i = 0; i < MESSAGES; i++) parseClientMessage(payload);
  });
  Deno.bench("format and frame", { group, n }, () => {
    for (let i = 0; i < MESSAGES; i++) encodeFrame(formatMessage(message));
  });
}

Deno.bench("check a name: ann", { n: 20_000 }, () => {
  checkName("ann");
});
Deno.bench("check a name: Žofie_漢字", { n: 20_000 }, () => {
  checkName("Žofie_漢字");
});
