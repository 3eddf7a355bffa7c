/**
 * A program that sends back all it gets, for tests that take its file descriptors away. Prints the port it listens
 * on, then a line for each run of failures to accept.
 */
import { Listener } from "../../lib/net/listener.ts";

const listener = new Listener("127.0.0.1", 0, {
  accepted: (link) =>
    link.start({
      received: (chunk) => link.send(chunk.slice()),
      ended: () => {},
    }),
  acceptFailed: (error) => console.log(`failed: ${error.message}`),
});
console.log(listener.addr.port);
