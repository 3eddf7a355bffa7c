// The typed face of `@std/streams/text-line-stream`; see docs/decisions/0001-std-from-npm.md.
import { TextLineStream as untyped } from "@std/streams/text-line-stream";

/** Divides a stream of text into lines, ended by LF or CR LF, the last one also by the end. */
export const TextLineStream: new () => TransformStream<string, string> = untyped;
