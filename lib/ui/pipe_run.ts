import { Outbox } from "../net/outbox.ts";
import type { Client } from "../peer/client.ts";
import type { PipeEnd, PipeHandler } from "../peer/pipe_task.ts";

/** Bytes that may wait for who reads our output before the sender has to wait. */
const MAX_WAITING_BYTES = 1_024 * 1_024;

/** What a pipe of either direction tells its caller. */
export interface PipeRun {
  /** To be given to the client. */
  readonly handler: PipeHandler;
  /** Resolves with how it ended. */
  readonly ended: Promise<PipeEnd>;
}

/**
 * Standard input, to a client's pipe; read only while little waits to be sent.
 *
 * @param client the one that the handler was given to
 * @param opened called when the link is there
 */
export function sendInput(client: () => Client, opened: (peer: string) => void): PipeRun {
  const ended = Promise.withResolvers<PipeEnd>();
  let more = Promise.withResolvers<void>();
  let isOver = false;
  const pump = async (): Promise<void> => {
    const { pipe } = client();
    const room = pipe.room();
    while (!isOver) {
      const count = await Deno.stdin.read(room);
      if (isOver) return;
      if (count === null) return pipe.finish();
      if (pipe.filled(count)) continue;
      await more.promise;
      more = Promise.withResolvers<void>();
    }
  };
  return {
    ended: ended.promise,
    handler: {
      opened: (peer) => {
        opened(peer);
        // What is to be read cannot be: the other side must not take what came for all.
        queueMicrotask(() => pump().catch(() => client().pipe.cancel("quit")));
      },
      bytes: () => {},
      complete: () => {},
      writable: () => more.resolve(),
      ended: (end) => {
        isOver = true;
        more.resolve();
        ended.resolve(end);
      },
    },
  };
}

/** A client's pipe to standard output; while that is behind, the sender has to wait. */
export function writeOutput(client: () => Client, opened: (peer: string) => void): PipeRun {
  const ended = Promise.withResolvers<PipeEnd>();
  let isPaused = false;
  let isWatched = false;
  const pause = (paused: boolean): void => {
    if (isPaused === paused) return;
    isPaused = paused;
    client().pipe.pause(paused);
  };
  const outbox = new Outbox(Deno.stdout, {
    onLowWater: () => {
      client().pipe.gave(outbox.written);
      pause(false);
    },
  });
  // A write that fails is not told otherwise: nobody reads any more.
  const watch = async (): Promise<void> => {
    if (isWatched) return;
    isWatched = true;
    await outbox.drained();
    isWatched = false;
    client().pipe.gave(outbox.written);
    if (outbox.failed) client().pipe.cancel("output-closed");
  };
  return {
    ended: ended.promise,
    handler: {
      opened,
      bytes: (bytes) => {
        outbox.send(bytes);
        watch();
        if (outbox.queued > MAX_WAITING_BYTES) pause(true);
      },
      complete: () => {
        outbox.drained().then(() => {
          if (outbox.failed) client().pipe.cancel("output-closed");
          else client().pipe.delivered();
        });
      },
      writable: () => {},
      // What came before a cut is worth having: it is written before anybody is told.
      ended: (end) => void outbox.drained().then(() => ended.resolve(end)),
    },
  };
}
