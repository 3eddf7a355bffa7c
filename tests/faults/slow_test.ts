import { testWith } from "../support/permitted.ts";
import { playFlood } from "./flood.ts";
import { playPause } from "./slow.ts";

testWith(["net"], "who reads again in time loses nothing, and is not cut", async () => {
  console.log(await playPause());
});

testWith(
  ["net"],
  "10,000 messages a second: throttled, told, cut; the others lose nothing",
  async () => {
    console.log(await playFlood());
  },
);
