import { testWith } from "../support/permitted.ts";
import { playOffsets } from "./offsets.ts";

for (const [kind, step] of [["capable", 7], ["product", 47]] as const) {
  testWith(
    ["net"],
    `${kind}: cut anywhere on its way back, it has everything in the end`,
    async () => {
      console.log(await playOffsets(kind, step));
    },
  );
}
